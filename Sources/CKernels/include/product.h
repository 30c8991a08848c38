// Matrix products with few rows.
//
// A BLAS copies both operands before it multiplies, which pays where every copied value is used
// often. Where the left matrix has few rows, as the latent of a single image has, the copy of the
// right one takes longer than the product. Here it is read where it lies.

#ifndef CLEAVE_PRODUCT_H
#define CLEAVE_PRODUCT_H

#include <stdbool.h>

/// `c = a · b`, or `c + a · b` if it `adds`, for row-major matrices of float: `a[rows][depth]` (if
/// `turned`, `a[depth][rows]`), `b[depth][columns]`, `c[rows][columns]`, each with the distance
/// between its rows.
void product_float(
    bool turned, bool adds, long rows, long columns, long depth, const float *a, long lead_a,
    const float *b, long lead_b, float *c, long lead_c);

#endif
