# bv_layer(NAME SOURCES a.cc … [LINKS target …] [TESTS a_test.cc …])
# One folder of src/: the library bv_NAME and the test binary NAME_test, which links that layer alone.
add_library(bv_flags INTERFACE)
# -Wrestrict: g++ 12 warns falsely about std::string + std::string (GCC bug 105651).
target_compile_options(bv_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-restrict)
target_include_directories(bv_flags INTERFACE ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
if(BERTVISION_WERROR)
  target_compile_options(bv_flags INTERFACE -Werror)
endif()
if(BERTVISION_SANITIZE)
  target_compile_options(bv_flags INTERFACE -fsanitize=${BERTVISION_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=undefined)
  target_link_options(bv_flags INTERFACE -fsanitize=${BERTVISION_SANITIZE})
endif()

function(bv_layer name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;TESTS" ${ARGN})
  add_library(bv_${name} STATIC ${arg_SOURCES})
  target_link_libraries(bv_${name} PUBLIC bv_flags ${arg_LINKS})
  if(BERTVISION_TESTS AND arg_TESTS)
    add_executable(${name}_test ${arg_TESTS})
    target_link_libraries(${name}_test PRIVATE bv_${name} GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE BERTVISION_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_test)
    # Tests run side by side: threads that wait for work must not take the processor from the others.
    set_tests_properties(${name} PROPERTIES TIMEOUT 900 ENVIRONMENT OMP_WAIT_POLICY=PASSIVE)
  endif()
endfunction()
