// The promised interface over SpanSystem.
#include "bertvision/answerer.h"

#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "data/code_points.h"
#include "device/machine.h"
#include "pipeline/span_system.h"

namespace bertvision {
namespace {

void Check(const char* name, const std::string& text, size_t number) {
  const std::string where = bv::Cat("question ", number + 1, ": the ", name);
  if (bv::TrimSpaces(text).empty()) throw bv::Error(bv::ErrorKind::kUsage, where + " is empty");
  if (const auto place = bv::FirstInvalidUtf8(text))
    throw bv::Error(bv::ErrorKind::kUsage, bv::Cat(where, " is not UTF-8 at byte ", *place));
}

bv::QaData DataOf(const std::vector<Question>& questions) {
  bv::QaData data;
  data.file = "the questions";
  for (size_t i = 0; i < questions.size(); ++i) {
    Check("question", questions[i].question, i);
    Check("context", questions[i].context, i);
    bv::QaExample example;
    example.id = std::to_string(i + 1);
    example.question = questions[i].question;
    // Neighbours often share their context; it is tokenized once then.
    if (data.contexts.empty() || data.contexts.back() != questions[i].context)
      data.contexts.push_back(questions[i].context);
    example.context = static_cast<int32_t>(data.contexts.size()) - 1;
    data.examples.push_back(std::move(example));
  }
  return data;
}

Answer Converted(const bv::DecodedAnswer& decoded) {
  Answer answer{decoded.text, decoded.range.begin, decoded.range.end, decoded.score, decoded.null_score, {}};
  for (const auto& candidate : decoded.n_best)
    answer.candidates.push_back({candidate.text, candidate.probability, candidate.begin, candidate.end});
  return answer;
}

bv::SpanSystem Load(const std::filesystem::path& run, const AnswererOptions& options, int threads) {
  bv::UseThreads(threads);
  bv::SystemOptions system;
  system.model = options.model;
  system.precision = options.precision;
  return bv::SpanSystem::Load({run}, system);
}

}  // namespace

struct Answerer::Parts {
  int threads;
  bv::SpanSystem system;
  bv::DecodeOptions decode;
};

Answerer::Answerer(const std::filesystem::path& run, const AnswererOptions& options) {
  const int threads = options.threads > 0 ? options.threads : bv::DefaultThreads();
  bv::SpanSystem system = Load(run, options, threads);
  bv::DecodeOptions decode = system.decode();
  decode.null_threshold = options.null_threshold.value_or(decode.null_threshold);
  parts_ = std::make_unique<const Parts>(Parts{threads, std::move(system), decode});
}

Answerer::~Answerer() = default;
Answerer::Answerer(Answerer&&) noexcept = default;
Answerer& Answerer::operator=(Answerer&&) noexcept = default;

Answer Answerer::Ask(const std::string& question, const std::string& context) const {
  return Ask({Question{question, context}}).front();
}

std::vector<Answer> Answerer::Ask(const std::vector<Question>& questions) const {
  if (questions.empty()) return {};
  const auto decoded = parts_->system.Answer(DataOf(questions), parts_->decode, parts_->threads);
  std::vector<Answer> answers;
  for (const auto& answer : decoded.front()) answers.push_back(Converted(answer));
  return answers;
}

std::string Answerer::fingerprint() const {
  return parts_->system.fingerprint();
}

}  // namespace bertvision
