// The one place that decides in which precision a backbone computes. What the precisions are is known to the
// layers above (kernels, bert); here is the choice and its reason. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "device/machine.h"

namespace bv {

// What the backbone is to do: answer and extract, or be trained.
enum class BackboneWork { kInference, kFineTuning };

struct PrecisionChoice {
  bool bf16 = false;  // else fp32
  std::string why;    // "asked for", or what of the machine decided; for the log and run.json

  const char* name() const { return bf16 ? "bf16" : "fp32"; }
};

// The values of every --precision option, the default ("auto") first.
const std::vector<std::string>& PrecisionNames();

// asked: "auto", "fp32" or "bf16". auto is bf16 for inference on a machine whose processor has instructions
// for it, else fp32; for fine-tuning it is fp32. bf16 is granted where it is asked for, with a warning where
// it will be slow. Errors: kUsage for other names.
PrecisionChoice ChoosePrecision(const std::string& asked, BackboneWork work, const CpuInfo& cpu = ThisCpu());

}  // namespace bv
