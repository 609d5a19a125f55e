#include "device/precision.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv {

const std::vector<std::string>& PrecisionNames() {
  static const std::vector<std::string> names = {"auto", "fp32", "bf16"};
  return names;
}

PrecisionChoice ChoosePrecision(const std::string& asked, BackboneWork work, const CpuInfo& cpu) {
  if (asked == "fp32") return {false, "asked for"};
  if (asked == "bf16") {
    if (!cpu.FastBf16())
      LogWarning("--precision bf16: this processor has no bf16 instructions; fp32 is faster");
    return {true, "asked for"};
  }
  if (asked != "auto") {
    throw Error(ErrorKind::kUsage,
                Cat("--precision: found ", Quoted(asked), ", allowed: ", Join(PrecisionNames(), ", ")));
  }
  if (work == BackboneWork::kFineTuning) return {false, "fine-tuning is fp32 unless asked otherwise"};
  if (cpu.FastBf16()) return {true, "the processor has bf16 instructions"};
  return {false, "the processor has no bf16 instructions"};
}

}  // namespace bv
