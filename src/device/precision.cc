#include "device/precision.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv {

const std::vector<std::string>& PrecisionNames() {
  static const std::vector<std::string> names = {"auto", "fp32", "bf16", "int8"};
  return names;
}

PrecisionChoice ChoosePrecision(const std::string& asked, BackboneWork work, const CpuInfo& cpu) {
  if (asked == "fp32") return {Precision::kFp32, "asked for"};
  if (asked == "int8") {
    if (work == BackboneWork::kFineTuning)
      throw Error(ErrorKind::kUsage, "--precision int8 cannot be trained; use bf16 or fp32");
    if (!cpu.Int8Products())
      throw Error(ErrorKind::kUnsupported,
                  "--precision int8 needs a processor with AVX512-VNNI; use bf16 or fp32");
    return {Precision::kInt8, "asked for"};
  }
  if (asked == "bf16") {
    if (!cpu.FastBf16())
      LogWarning("--precision bf16: this processor has no bf16 instructions; fp32 is faster");
    return {Precision::kBf16, "asked for"};
  }
  if (asked != "auto") {
    throw Error(ErrorKind::kUsage,
                Cat("--precision: found ", Quoted(asked), ", allowed: ", Join(PrecisionNames(), ", ")));
  }
  if (work == BackboneWork::kFineTuning)
    return {Precision::kFp32, "fine-tuning is fp32 unless asked otherwise"};
  if (cpu.FastBf16()) return {Precision::kBf16, "the processor has bf16 instructions"};
  return {Precision::kFp32, "the processor has no bf16 instructions"};
}

}  // namespace bv
