#include "cli/system_options.h"

#include "base/error.h"
#include "base/progress.h"
#include "base/strings.h"
#include "cli/span_options.h"

namespace bv::cli {

Options::Declared SystemFlags::Declare(Options& options) {
  const auto declared = options.Path("--run", &run, "a head's run, or a fine-tuned model").Shown("FOLDER");
  options.Text("--model", &model, "backbone of a head, in place of the one its run names").Shown("MODEL");
  options.Flag("--allow-other-backbone", &allow_other_backbone,
               "use a head on a backbone that it was not trained on");
  options.Choice("--precision", &precision, {"run", "auto", "fp32", "bf16", "int8"},
                 "of the backbone; run: as the run's own evaluation, fp32 for other models");
  options.Choice("--windows", &windows, {"run", "hf", "paper"},
                 "whose rules cut long contexts; a head stays with those of its states");
  options.Integer("--max-length", &max_length, 0, 1 << 16, "pieces of a window; 0: as the run had them");
  options.Integer("--doc-stride", &doc_stride, -1, 1 << 16,
                  "hf: pieces that neighbouring windows share; -1: as the run had them");
  options.Integer("--advance", &advance, 0, 1 << 16,
                  "paper: pieces from the begin of a window to the next one's; 0: as the run had them");
  options.Integer("--question-limit", &question_limit, -1, 1 << 16,
                  "paper: pieces of a question that are kept; -1: as the run had them");
  options.Integer("--pad-to", &pad_to, -1, 1 << 16,
                  "fill windows up with [PAD] to so many pieces; 0: do not; -1: as the run had them");
  options.Choice("--decoder", &decoder, {"run", "hf", "paper"}, "whose rules make answers");
  options.Integer("--n-best", &n_best, 0, DecodeOptions::kMost,
                  "spans tried per window and kept per question; 0: as the run did");
  options.Integer("--max-answer-length", &max_answer_length, 0, DecodeOptions::kMost,
                  "pieces of an answer at most; 0: as the run did");
  options.Choice("--null-score", &null_score, {"run", "min", "max"}, "over the windows of a question");
  return declared;
}

void SystemFlags::RequireRun(const Options& options) const {
  for (const char* name : {"--model", "--allow-other-backbone", "--precision", "--windows", "--max-length",
                           "--doc-stride", "--advance", "--question-limit", "--pad-to", "--decoder",
                           "--n-best", "--max-answer-length", "--null-score"}) {
    if (options.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given without --run, which it applies to"));
  }
}

SystemOptions SystemFlags::ForLoading() const {
  SystemOptions options;
  options.model = model;
  options.allow_other_backbone = allow_other_backbone;
  options.precision = precision;
  if (max_length > 0) options.max_length = max_length;
  if (doc_stride >= 0) options.doc_stride = doc_stride;
  if (windows != "run") options.rule = windows == "paper" ? WindowRule::kPaper : WindowRule::kHf;
  if (advance > 0) options.advance = advance;
  if (question_limit >= 0) options.question_limit = question_limit;
  if (pad_to >= 0) options.pad_to = pad_to;
  return options;
}

SpanSystem SystemFlags::Load() const {
  return SpanSystem::Load({run}, ForLoading());
}

TextSystem SystemFlags::LoadTexts() const {
  return TextSystem::Load(run, ForLoading());
}

DecodeOptions SystemFlags::Decode(const DecodeOptions& of_run, const QaData& data,
                                  const Options& given) const {
  DecodeOptions decode = DecodeOptionsFor(data, of_run);
  if (decoder != "run") decode.decoder = ParseDecoder(decoder);
  RefuseForDecoder(given, decode);
  if (n_best > 0) decode.n_best = n_best;
  if (max_answer_length > 0) decode.max_answer_length = max_answer_length;
  if (null_score != "run")
    decode.null_score = null_score == "max" ? DecodeOptions::kMax : DecodeOptions::kMin;
  return decode;
}

std::function<bool(int64_t done, int64_t total)> WindowsBar(const char* verb) {
  auto bar = std::make_shared<std::optional<Progress>>();
  return [bar, verb](int64_t done, int64_t total) {
    if (!*bar) bar->emplace(verb, total, "windows");
    (*bar)->Set(done);
    return true;  // these verbs have nothing to save: Ctrl-C ends them by itself
  };
}

SpanLogits LogitsWithBar(const char* verb, const SpanSystem& system, const QaData& data, int threads) {
  return std::move(system.Logits(data, threads, WindowsBar(verb)).front());
}

}  // namespace bv::cli
