// What is asked of the system's allocator.

#ifndef CLEAVE_ALLOCATOR_H
#define CLEAVE_ALLOCATOR_H

/// Has the system's allocator keep memory that is given back; 0 where it cannot be told to.
int keep_freed_memory(void);

#endif
