#include "cli/span_options.h"

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"

namespace bv::cli {

void WindowFlags::Declare(Options& declared) {
  declared.Choice("--windows", &rule, {"hf", "paper"},
                  "whose rules cut long contexts: transformers' of today, or the study's");
  declared.Integer("--max-length", &max_length, 8, 1 << 16,
                   "pieces of a window at most; by --windows paper 386");
  declared.Integer("--doc-stride", &doc_stride, 0, 1 << 16,
                   "hf: pieces that neighbouring windows of a long context share");
  declared.Integer("--advance", &advance, 1, 1 << 16,
                   "paper: pieces from the begin of a window to the next one's");
  declared.Integer("--question-limit", &question_limit, 0, 1 << 16,
                   "paper: pieces of a question that are kept");
}

void WindowFlags::DeclarePadding(Options& declared) {
  declared.Integer(
      "--pad-to", &pad_to, 0, 1 << 16,
      "fill every window up with [PAD] to so many pieces, which heads then see, as the study's did; "
      "0: do not");
}

WindowOptions WindowFlags::Value(const Options& given) const {
  const bool paper = rule == "paper";
  for (const char* name : {"--doc-stride", "--advance", "--question-limit"}) {
    const bool fits = paper == (std::string(name) != "--doc-stride");
    if (!fits && given.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given, but --windows ", rule, " has no use for it"));
  }
  WindowOptions windows = DefaultWindows(paper ? WindowRule::kPaper : WindowRule::kHf);
  if (given.Given("--max-length")) windows.max_length = max_length;
  windows.doc_stride = paper ? advance : doc_stride;
  windows.question_limit = question_limit;
  windows.pad_to = pad_to;
  return windows;
}

std::vector<const char*> QuestionWindowOptions() {
  return {"--windows", "--advance", "--question-limit"};
}

void SayDropped(int64_t questions) {
  if (questions == 0) return;
  LogInfo(Cat(Thousands(questions), questions == 1 ? " question is" : " questions are",
              " left out of training: the words where the answer should stand do not hold it"));
}

void DecodeFlags::Declare(Options& declared) {
  declared.Choice("--decoder", &decoder, {"auto", "hf", "paper"},
                  "whose rules make answers; auto: those of the windows");
  declared.Integer("--n-best", &options.n_best, 1, DecodeOptions::kMost,
                   "spans tried per window and kept per question");
  declared.Integer("--max-answer-length", &options.max_answer_length, 1, DecodeOptions::kMost,
                   "pieces of an answer at most");
  declared.Number("--null-threshold", &options.null_threshold, -kInfinite, kInfinite,
                  "no answer if null score - best score is above this");
  declared.Choice("--null-score", &null_score, {"min", "max"}, "over the windows of a question");
}

DecodeOptions DecodeFlags::Value(const Options& given, WindowRule rule) const {
  DecodeOptions value = options;
  value.null_score = null_score == "max" ? DecodeOptions::kMax : DecodeOptions::kMin;
  value.decoder = decoder == "auto" ? DecoderFor(rule) : ParseDecoder(decoder);
  RefuseForDecoder(given, value);
  return value;
}

std::vector<const char*> DecodeOptionNames() {
  return {"--n-best", "--max-answer-length", "--null-score", "--null-threshold"};
}

void RefuseForDecoder(const Options& given, const DecodeOptions& decode) {
  if (!decode.of_paper()) return;
  for (const char* name : DecodeOptionNames()) {
    if (given.Given(name))
      throw Error(ErrorKind::kUsage,
                  Cat(name,
                      " is given, but the study's decoder, which makes these answers, has no "
                      "use for it; --decoder hf has"));
  }
}

}  // namespace bv::cli
