"""Opens files in separate, confined processes, which can be killed at any time.

job → pool → process ⇄ (socket: requests and answers; shared memory: files and pixels) ⇄ program
"""
