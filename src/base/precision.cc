#include "base/precision.h"

namespace bv {

const char* PrecisionName(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kInt8:
      return "int8";
  }
  return "";
}

std::optional<Precision> FindPrecision(const std::string& name) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16, Precision::kInt8}) {
    if (name == PrecisionName(precision)) return precision;
  }
  return std::nullopt;
}

}  // namespace bv
