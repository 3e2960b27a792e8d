"""Whole sessions in Chromium and in Firefox, by WebDriver BiDi."""
