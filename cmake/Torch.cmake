# Imported target bertvision::torch: LibTorch's CPU library and headers, and nothing of CUDA.
# The wheel's own TorchConfig.cmake asks for a CUDA toolkit, so the target is written out here. Linking
# torch_cpu and c10 only means that one binary serves machines with and without CUDA libraries.
if(BERTVISION_TORCH)
  set(torch_root ${BERTVISION_TORCH})
else()
  file(GLOB torch_root ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages/torch)
endif()
if(NOT EXISTS ${torch_root}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "LibTorch not found at '${torch_root}'. Run scripts/setup.sh, or give your own with "
    "-DBERTVISION_TORCH=/path/to/libtorch (the folder that holds include/ and lib/).")
endif()

# The numbers moved to the first of these files; older releases have them in the second.
set(torch_version_file ${torch_root}/include/torch/headeronly/version.h)
if(NOT EXISTS ${torch_version_file})
  set(torch_version_file ${torch_root}/include/torch/csrc/api/include/torch/version.h)
endif()
file(STRINGS ${torch_version_file} torch_version_lines REGEX "TORCH_VERSION_(MAJOR|MINOR) [0-9]+")
string(REGEX MATCHALL "[0-9]+" torch_version "${torch_version_lines}")
list(JOIN torch_version "." torch_version)
if(torch_version VERSION_LESS 2.8)
  message(FATAL_ERROR "LibTorch ${torch_version} at '${torch_root}' is too old: 2.8 or newer is needed.")
endif()
message(STATUS "LibTorch ${torch_version} at ${torch_root}")

# -idirafter, not -isystem: the wheel carries its own fmt, which must not shadow the system's.
add_library(bertvision::torch INTERFACE IMPORTED GLOBAL)
target_compile_options(bertvision::torch INTERFACE
  "SHELL:-idirafter ${torch_root}/include" "SHELL:-idirafter ${torch_root}/include/torch/csrc/api/include")
# Without it every operator's declaration comes along with the first.
target_compile_definitions(bertvision::torch INTERFACE AT_PER_OPERATOR_HEADERS)
target_link_libraries(bertvision::torch INTERFACE ${torch_root}/lib/libtorch_cpu.so ${torch_root}/lib/libc10.so)
# libtorch_cpu of a CUDA wheel needs libcudart and libcupti, which stand in a folder of their own.
set(torch_rpath ${torch_root}/lib)
file(GLOB cuda_runtime ${torch_root}/../nvidia/cu*/lib)
foreach(folder IN LISTS cuda_runtime)
  cmake_path(NORMAL_PATH folder)
  list(APPEND torch_rpath ${folder})
  target_link_options(bertvision::torch INTERFACE "-Wl,-rpath-link,${folder}")
endforeach()
set(CMAKE_BUILD_RPATH ${torch_rpath})
set(CMAKE_INSTALL_RPATH ${torch_rpath})
