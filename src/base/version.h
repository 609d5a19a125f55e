// The program's version, from the file VERSION.
#pragma once

namespace bv {

extern const char* const kVersion;

}  // namespace bv
