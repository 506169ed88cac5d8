/* Placement: which tensors share memory. Each tensor either owns a storage or lies in the storage
 * of another, as a view of it. */
#ifndef CNNC_IR_PLACE_H
#define CNNC_IR_PLACE_H

#include "ir/graph.h"

/* Where one tensor lies in another's: it starts at `start` of it, along each axis. `linear` has
 * other axes over the same memory. `same` is exactly the other's place. */
enum view_kind { VIEW_PART, VIEW_LINEAR, VIEW_SAME };

struct home {
    struct node *in; /* NULL: the tensor owns its storage */
    enum view_kind kind;
    int64_t start[4]; /* by AXIS_... */
};

struct placement {
    struct graph *graph;
    struct home *homes; /* by node id */
    int *last_read;     /* by node id: the last node that reads it; outputs are read for ever */
    bool *dense;        /* by node id: of the owner of a storage, that it may have no gaps */
};

enum { READ_FOR_EVER = 0x7fffffff };

void place_tensors(struct placement *placement, struct graph *graph);
/* The tensor that owns the storage a node lies in. */
struct node *storage_owner(const struct placement *placement, struct node *node);
/* Floats from one pixel to the next of a tensor that owns its storage. */
int64_t pixel_pitch(const struct placement *placement, const struct node *node);
/* Gives every node its location; the memory and offset of every owner must be set already. */
void locate_tensors(const struct placement *placement);

#endif
