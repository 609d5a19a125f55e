// The one place that decides in which precision a backbone computes, and why. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "base/precision.h"
#include "device/machine.h"

namespace bv {

// What the backbone is to do: answer and extract, or be trained.
enum class BackboneWork { kInference, kFineTuning };

struct PrecisionChoice {
  Precision precision = Precision::kFp32;
  std::string why;  // "asked for", or what of the machine decided; for the log and run.json

  const char* name() const { return PrecisionName(precision); }
};

// The values of --precision where states are computed, the default ("auto") first.
const std::vector<std::string>& PrecisionNames();

// asked: "auto", "fp32", "bf16" or "int8". auto is bf16 for inference on a machine whose processor has
// instructions for it, else fp32; for fine-tuning it is fp32. bf16 is granted where it is asked for, with a
// warning where it will be slow. Errors: kUsage for other names and for int8 in fine-tuning; kUnsupported for
// int8 on a processor without instructions for its products, where they would overflow.
PrecisionChoice ChoosePrecision(const std::string& asked, BackboneWork work, const CpuInfo& cpu = ThisCpu());

}  // namespace bv
