// Names that <hdf5.h> hides from Swift behind macros, as functions. Nothing else belongs here.
#pragma once
#include <hdf5.h>
#include <sys/syscall.h>
#include <unistd.h>

// Types: of elements in memory (the library converts), and of elements in files (little-endian, as NumPy writes them)
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_file_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_file_float64(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_file_int32(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_file_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }

// Property lists, spaces and flags
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_link_create(void) { return H5P_LINK_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline haddr_t chdf5_undefined_address(void) { return HADDR_UNDEF; }
static inline hid_t chdf5_whole_space(void) { return H5S_ALL; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }

// A file in memory without a name, or -1: memfd_create, which Swift's import of the C library leaves out. Closed on exec.
static inline int chdf5_memory_file(const char *label) { return (int)syscall(SYS_memfd_create, label, 1u); }

// Files, groups, datasets and attributes that are open, in all files.
static inline long chdf5_open_objects(void) { return H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL); }

// Keeps the library from printing its error stack: errors are thrown, with a message of our own.
static inline void chdf5_print_no_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
