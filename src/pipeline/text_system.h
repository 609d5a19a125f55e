// Texts in, labels or values out: a run of classification, regression or answerability loaded from its
// folder, with the backbone it needs; the counterpart of span_system.h. Not a trainer, not a scorer.
// Immutable once loaded; safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/file.h"
#include "data/task.h"
#include "decode/text_logits.h"
#include "features/windows.h"
#include "logits/logits_file.h"
#include "pipeline/system_options.h"

namespace bv {

class TextSystem {
 public:
  // A folder of a head run, of a fine-tuned Hugging Face model, or the folder above exactly one of these.
  // Errors: kUsage for a run of spans; kData for folders that are none of these or lack files, and for a
  // backbone other than the run's own, with both fingerprints; those of the readers.
  static TextSystem Load(const fs::path& run, const SystemOptions& options = {});
  ~TextSystem();
  TextSystem(TextSystem&&) noexcept;
  TextSystem& operator=(TextSystem&&) noexcept;

  const std::string& name() const;  // its folder
  const Task& task() const;
  const WindowOptions& windows() const;
  LogitsWindows logits_windows() const;  // the same, for files of logits
  const char* precision() const;         // PrecisionName
  // Over what decides the logits, but for the precision. 16 hexadecimal digits.
  std::string fingerprint() const;

  // For DecideTexts and for files; the examples' task must have this one's kind and labels. report gets the
  // windows done and all; false stops with Error(kInterrupted). Errors: kData for another task; those of
  // windows.
  using Report = std::function<bool(int64_t done, int64_t total)>;
  TextLogits Logits(const TaskExamples& examples, int threads, const Report& report = {}) const;

 private:
  struct Parts;
  explicit TextSystem(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

}  // namespace bv
