#ifndef CLEAVE_COPENBLAS_SHIM_H
#define CLEAVE_COPENBLAS_SHIM_H

#include <cblas.h>

#endif
