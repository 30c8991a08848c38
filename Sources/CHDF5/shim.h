#ifndef CLEAVE_CHDF5_SHIM_H
#define CLEAVE_CHDF5_SHIM_H

// Later libraries rename the structures behind links and objects; ask for the names of 1.10.
#ifndef H5_USE_110_API
#define H5_USE_110_API
#endif
#include <hdf5.h>

// Swift does not import macros that call functions or name other symbols.
#define CLEAVE_HDF5_CONSTANT(type, name, value) \
  static inline type cleave_hdf5_##name(void) { return value; }

CLEAVE_HDF5_CONSTANT(hid_t, default_properties, H5P_DEFAULT)
CLEAVE_HDF5_CONSTANT(hid_t, file_create, H5P_FILE_CREATE)
CLEAVE_HDF5_CONSTANT(hid_t, file_access, H5P_FILE_ACCESS)
CLEAVE_HDF5_CONSTANT(hid_t, group_create, H5P_GROUP_CREATE)
CLEAVE_HDF5_CONSTANT(hid_t, dataset_create, H5P_DATASET_CREATE)
CLEAVE_HDF5_CONSTANT(hid_t, dataset_transfer, H5P_DATASET_XFER)
CLEAVE_HDF5_CONSTANT(hid_t, link_create, H5P_LINK_CREATE)
CLEAVE_HDF5_CONSTANT(hid_t, all_elements, H5S_ALL)

CLEAVE_HDF5_CONSTANT(unsigned, read_only, H5F_ACC_RDONLY)
CLEAVE_HDF5_CONSTANT(unsigned, truncate, H5F_ACC_TRUNC)
CLEAVE_HDF5_CONSTANT(unsigned, exclusive, H5F_ACC_EXCL)
CLEAVE_HDF5_CONSTANT(unsigned, track_and_index, H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED)
CLEAVE_HDF5_CONSTANT(unsigned, order_tracked, H5P_CRT_ORDER_TRACKED)

CLEAVE_HDF5_CONSTANT(int, filter_deflate, H5Z_FILTER_DEFLATE)
CLEAVE_HDF5_CONSTANT(int, filter_shuffle, H5Z_FILTER_SHUFFLE)
CLEAVE_HDF5_CONSTANT(int, filter_fletcher32, H5Z_FILTER_FLETCHER32)

CLEAVE_HDF5_CONSTANT(hid_t, c_string, H5T_C_S1)

// The element types: as this machine holds them, and as files hold them (little-endian).
CLEAVE_HDF5_CONSTANT(hid_t, native_float32, H5T_NATIVE_FLOAT)
CLEAVE_HDF5_CONSTANT(hid_t, native_float64, H5T_NATIVE_DOUBLE)
CLEAVE_HDF5_CONSTANT(hid_t, native_int8, H5T_NATIVE_INT8)
CLEAVE_HDF5_CONSTANT(hid_t, native_int16, H5T_NATIVE_INT16)
CLEAVE_HDF5_CONSTANT(hid_t, native_int32, H5T_NATIVE_INT32)
CLEAVE_HDF5_CONSTANT(hid_t, native_int64, H5T_NATIVE_INT64)
CLEAVE_HDF5_CONSTANT(hid_t, native_uint8, H5T_NATIVE_UINT8)
CLEAVE_HDF5_CONSTANT(hid_t, native_uint16, H5T_NATIVE_UINT16)
CLEAVE_HDF5_CONSTANT(hid_t, native_uint32, H5T_NATIVE_UINT32)
CLEAVE_HDF5_CONSTANT(hid_t, native_uint64, H5T_NATIVE_UINT64)
CLEAVE_HDF5_CONSTANT(hid_t, stored_float32, H5T_IEEE_F32LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_float64, H5T_IEEE_F64LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_int8, H5T_STD_I8LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_int16, H5T_STD_I16LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_int32, H5T_STD_I32LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_int64, H5T_STD_I64LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_uint8, H5T_STD_U8LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_uint16, H5T_STD_U16LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_uint32, H5T_STD_U32LE)
CLEAVE_HDF5_CONSTANT(hid_t, stored_uint64, H5T_STD_U64LE)

#undef CLEAVE_HDF5_CONSTANT

// Variable-length is a size of all ones, which Swift's importer does not see as a constant.
static inline size_t cleave_hdf5_variable_size(void) { return H5T_VARIABLE; }

// These three are function-like macros in libraries after 1.10.
typedef herr_t (*cleave_hdf5_link_visitor)(hid_t, const char *, const H5L_info_t *, void *);

// Visits in the order in which the links are stored where they lie in a heap of their own: to sort
// them the library gathers them first, and it frees what it has not gathered yet when the heap
// turns out to be damaged.
static inline herr_t cleave_hdf5_visit_links(
    hid_t group, H5_index_t index, cleave_hdf5_link_visitor visit, void *context) {
  H5G_info_t info;
  herr_t status = H5Gget_info(group, &info);
  if (status < 0) return status;
  H5_iter_order_t order =
      info.storage_type == H5G_STORAGE_TYPE_DENSE ? H5_ITER_NATIVE : H5_ITER_INC;
  return H5Literate(group, index, order, NULL, visit, context);
}

static inline herr_t cleave_hdf5_link_info(
    hid_t group, const char *name, H5L_type_t *type, size_t *value_size, haddr_t *address) {
  H5L_info_t info;
  herr_t status = H5Lget_info(group, name, &info, H5P_DEFAULT);
  if (status < 0) return status;
  *type = info.type;
  *value_size = (info.type == H5L_TYPE_HARD) ? 0 : info.u.val_size;
  *address = (info.type == H5L_TYPE_HARD) ? info.u.address : HADDR_UNDEF;
  return status;
}

// Where an object's header starts: equal for two paths of one object.
static inline herr_t cleave_hdf5_object_address(hid_t object, haddr_t *address) {
  H5O_info_t info;
  herr_t status = H5Oget_info2(object, &info, H5O_INFO_BASIC);
  if (status < 0) return status;
  *address = info.addr;
  return status;
}

#endif
