"""What the process does from which servers are forked (`tests/harness/program.py`), before any is."""

import gc

gc.collect()
gc.freeze()  # else each of them, collecting its garbage, copies all memory that it shares
