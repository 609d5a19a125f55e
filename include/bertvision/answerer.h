// bertvision in a program of your own: a trained run in, answers to questions out. Includes the standard
// library alone; everything heavy stays behind it. Not for training, scoring or stores: those are verbs of
// the program. An Answerer never changes once it is made: any number of threads may ask one. Warnings go to
// standard error.
//
// Errors are exceptions derived from std::exception whose what() is one line: which folder, file or question,
// what was found, what is allowed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bertvision {

struct AnswererOptions {
  std::string model;  // a backbone in place of the one a head's run names; empty: that one
  std::string precision =
      "run";  // of the backbone: "run" (as its own evaluation had it), "auto", "fp32" or "bf16"
  // No answer where null score - best score is above this; not set: as the run had it. Of no meaning for runs
  // that answer by the study's rules.
  std::optional<double> null_threshold;
  int threads = 0;  // of the process, set when an Answerer is made; 0: one for each processor
};

// Texts are UTF-8.
struct Question {
  std::string question;
  std::string context;
};

// A span that may answer.
struct Candidate {
  std::string text;        // "" for "no answer"
  double probability = 0;  // among the candidates of its question
  int64_t begin = 0;       // bytes of the context, half-open; 0 and 0 for "no answer"
  int64_t end = 0;
};

// By the study's rules (runs on its windows, docs/as-the-study-did.md) the score is a probability, there is
// no null score, and the answer is its only candidate.
struct Answer {
  std::string text;   // as it stands in the context; "" if it holds no answer
  int64_t begin = 0;  // bytes of the context, half-open; 0 and 0 if there is no answer
  int64_t end = 0;
  double score = 0;                   // start and end logit of the best span together
  double null_score = 0;              // the same of "no answer"
  std::vector<Candidate> candidates;  // the best first
};

class Answerer {
 public:
  // run: the folder of a head's run, of a fine-tuned model with a span output, or the one above exactly one
  // of these, as `bertvision predict --run` takes it. The backbone is loaded once, here.
  explicit Answerer(const std::filesystem::path& run, const AnswererOptions& options = {});
  ~Answerer();
  Answerer(Answerer&&) noexcept;
  Answerer& operator=(Answerer&&) noexcept;

  Answer Ask(const std::string& question, const std::string& context) const;
  // One answer a question, in their order. Questions that are asked together share batches, which is faster
  // than one after the other; scores may differ from those in the last bits.
  std::vector<Answer> Ask(const std::vector<Question>& questions) const;

  // Over all that decides the answers, but for the precision: backbone, tokenizer and head. 16 hexadecimal
  // digits.
  std::string fingerprint() const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace bertvision
