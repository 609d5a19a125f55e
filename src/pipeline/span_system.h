// Text in, answers out: runs loaded from their folders, with the backbone they need. A run is a trained head
// or a backbone fine-tuned for spans; several heads over one backbone share its one pass. Not a trainer, not
// a scorer. Immutable once loaded; safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file.h"
#include "data/squad.h"
#include "decode/span_decoder.h"
#include "features/windows.h"
#include "logits/logits_file.h"
#include "pipeline/system_options.h"
#include "text/tokenizer.h"

namespace bv {

class SpanSystem {
 public:
  // Every run is a folder: of a head run, of a fine-tuned Hugging Face model, or the folder above exactly one
  // of these. Errors: kData for folders that are none of these or lack files, for heads of different
  // backbones, and for a backbone other than the runs' own, with both fingerprints; those of the readers.
  static SpanSystem Load(const std::vector<fs::path>& runs, const SystemOptions& options = {});
  ~SpanSystem();
  SpanSystem(SpanSystem&&) noexcept;
  SpanSystem& operator=(SpanSystem&&) noexcept;

  // One per run: its folder.
  const std::vector<std::string>& names() const;
  const WindowOptions& windows() const;
  // How it cuts data, for logits that are kept.
  LogitsWindows logits_windows() const;
  const char* precision() const;  // PrecisionName
  const Tokenizer& tokenizer() const;
  // How the first run decoded its own evaluation; by the decoder of its windows, where they are of another
  // rule here. allow_no_answer: it was trained on data with unanswerable questions.
  const DecodeOptions& decode() const;
  // Over what decides the logits, but for the precision: backbone, tokenizer and heads. 16 hexadecimal
  // digits.
  std::string fingerprint() const;

  // One per run, over the same windows. report gets the windows done and all; false stops with
  // Error(kInterrupted). Errors: those of windows.
  using Report = std::function<bool(int64_t done, int64_t total)>;
  std::vector<SpanLogits> Logits(const QaData& data, int threads, const Report& report = {}) const;

  // answers[r][e]: what run r answers to data.examples[e], decoded from its logits. Errors: those of windows
  // and decoder.
  std::vector<std::vector<DecodedAnswer>> Answer(const QaData& data, const DecodeOptions& options,
                                                 int threads, const Report& report = {}) const;

 private:
  struct Parts;
  explicit SpanSystem(std::unique_ptr<const Parts> parts);
  std::unique_ptr<const Parts> parts_;
};

// A question as data, with the id "1". Errors: kUsage for texts that are empty or not UTF-8.
QaData OneQuestion(const std::string& question, const std::string& context);

// How the answers to these questions are decoded: as `options`, but where the data can be scored, whether "no
// answer" is allowed follows the data, as the official scores do.
DecodeOptions DecodeOptionsFor(const QaData& data, DecodeOptions options);

}  // namespace bv
