// The calls of MPI that the project uses, as functions: its constants are macros that differ from one
// implementation to the other. What goes wrong in a call ends every process with MPI's own message, its
// default.

#ifndef CMPI_SHIM_H
#define CMPI_SHIM_H

#include <mpi.h>

typedef struct {
  /// Sums of single precision are in an order of their own, beside that of all other calls.
  MPI_Comm floats;
} cmpi_group;

/// Joins the group that `mpirun` has started; 0 if that went well. All later calls come from this thread.
static inline int cmpi_begin(cmpi_group *group, int *rank, int *count) {
  int provided = 0;
  int status = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
  if (status != MPI_SUCCESS) return status;
  if (provided < MPI_THREAD_FUNNELED) return -1;
  status = MPI_Comm_dup(MPI_COMM_WORLD, &group->floats);
  if (status != MPI_SUCCESS) return status;
  status = MPI_Comm_rank(MPI_COMM_WORLD, rank);
  if (status != MPI_SUCCESS) return status;
  return MPI_Comm_size(MPI_COMM_WORLD, count);
}

/// Leaves the group; every process does.
static inline void cmpi_end(void) { MPI_Finalize(); }

/// Ends every process of the group.
static inline void cmpi_abort(int status) { MPI_Abort(MPI_COMM_WORLD, status); }

typedef struct {
  MPI_Request request;
} cmpi_request;

/// Begins to replace values by their sums over all processes.
static inline int cmpi_begin_sum_float(
    const cmpi_group *group, float *values, int count, cmpi_request *request) {
  return MPI_Iallreduce(
      MPI_IN_PLACE, values, count, MPI_FLOAT, MPI_SUM, group->floats, &request->request);
}

/// Begins to replace values by their sums over all processes.
static inline int cmpi_begin_sum_double(double *values, int count, cmpi_request *request) {
  return MPI_Iallreduce(
      MPI_IN_PLACE, values, count, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD, &request->request);
}

/// Begins to replace bytes by those of the first process.
static inline int cmpi_begin_broadcast(void *bytes, int count, cmpi_request *request) {
  return MPI_Ibcast(bytes, count, MPI_BYTE, 0, MPI_COMM_WORLD, &request->request);
}

/// Begins to wait for all processes.
static inline int cmpi_begin_barrier(cmpi_request *request) {
  return MPI_Ibarrier(MPI_COMM_WORLD, &request->request);
}

/// Lets what has begun go on; whether it is done in `*is_done`.
static inline int cmpi_test(cmpi_request *request, int *is_done) {
  return MPI_Test(&request->request, is_done, MPI_STATUS_IGNORE);
}

#endif
