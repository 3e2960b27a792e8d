"""Files are opened in processes of their own, which may be ended at any time: the server asks, and they answer.

job → pool → process ⇄ (socket: what is asked, what came of it; shared memory: the file, the pixels) ⇄ program
"""
