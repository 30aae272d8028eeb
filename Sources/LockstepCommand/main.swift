import CMPI
import CHDF5
import CZip
import CDeflate
import COpenBLAS
import CKernels
var x: [Float] = [1,2,3]; var y = x
lk_exp(3, x, &y)
print(y, openblas_get_num_threads(), String(cString: openblas_get_corename()))
var v: Int32 = 0, s: Int32 = 0
MPI_Get_version(&v, &s)
print(v, s, H5open(), zip_libzip_version() != nil, libdeflate_alloc_decompressor() != nil)
