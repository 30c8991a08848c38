#ifndef CLEAVE_CZLIB_SHIM_H
#define CLEAVE_CZLIB_SHIM_H

#include <string.h>
#include <zlib.h>

// Starts a stream that expects a gzip header; `inflateInit2` is a macro.
static inline int cleave_inflate_gzip_init(z_stream *stream) {
  memset(stream, 0, sizeof(*stream));
  return inflateInit2(stream, 16 + MAX_WBITS);
}

// Starts a stream of deflated bytes with nothing around them, as in a zip archive.
static inline int cleave_inflate_raw_init(z_stream *stream) {
  memset(stream, 0, sizeof(*stream));
  return inflateInit2(stream, -MAX_WBITS);
}

#endif
