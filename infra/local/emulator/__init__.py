"""The embedded emulator of AWS: MiniStack in a process of our own, with state that survives a kill.

MiniStack keeps everything but S3 objects in memory and writes it only at a clean stop. Here each change reaches a
journal: table rows before their request is answered, everything else within a quarter of a second. Snapshots, written
by a forked copy of the process, keep the journal short. Run it with `python -m infra.local.emulator`.
"""
