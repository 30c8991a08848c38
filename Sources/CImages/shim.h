#ifndef CLEAVE_CIMAGES_SHIM_H
#define CLEAVE_CIMAGES_SHIM_H

#include <dlfcn.h>
#include <gd.h>
#include <gdfontg.h>
#include <gdfontl.h>
#include <gdfontmb.h>
#include <gdfonts.h>
#include <stdarg.h>

static inline void cleave_gd_ignore(int priority, const char *format, va_list arguments) {
  (void)priority;
  (void)format;
  (void)arguments;
}

// Keeps the library, and libtiff below it, from writing to stderr; failures are seen from what their
// functions return.
static inline void cleave_gd_silence(void) {
  gdSetErrorMethod(cleave_gd_ignore);
  const char *names[] = {"TIFFSetErrorHandler", "TIFFSetWarningHandler"};
  for (int index = 0; index < 2; ++index) {
    void *(*set)(void *) = (void *(*)(void *))dlsym(RTLD_DEFAULT, names[index]);
    if (set) set((void *)0);
  }
}

static inline int cleave_gd_is_truecolor(gdImagePtr image) { return gdImageTrueColor(image); }
static inline int cleave_gd_width(gdImagePtr image) { return gdImageSX(image); }
static inline int cleave_gd_height(gdImagePtr image) { return gdImageSY(image); }

// A row of packed 0xAARRGGBB pixels of a true-colour image.
static inline int *cleave_gd_row(gdImagePtr image, int y) { return image->tpixels[y]; }

// A row of a palette image, an index into the palette for every pixel.
static inline unsigned char *cleave_gd_palette_row(gdImagePtr image, int y) {
  return image->pixels[y];
}

// A colour of a palette image, packed 0x00RRGGBB.
static inline int cleave_gd_palette_color(gdImagePtr image, int index) {
  return image->red[index] << 16 | image->green[index] << 8 | image->blue[index];
}

// The index of the transparent colour of a palette image, -1 if there is none.
static inline int cleave_gd_transparent(gdImagePtr image) { return gdImageGetTransparent(image); }

#endif
