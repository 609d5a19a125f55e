#include "study/steps.h"

#include "base/model_folder.h"
#include "base/strings.h"
#include "bert/config.h"
#include "study/expansion.h"

namespace bv::study {
namespace {

constexpr int64_t kWindow = 384;  // places for heads that have a weight for each; only counts depend on it

std::string ShellWord(const std::string& word) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./,=:@+%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace

std::vector<std::string> Step::Command() const {
  std::vector<std::string> command = args;
  if (!heads.empty()) command.insert(command.end(), {"--head", Join(heads, ",")});
  return command;
}

std::string ShellCommand(const std::vector<std::string>& args) {
  std::string command = "bertvision";
  for (const std::string& word : args) command += " " + ShellWord(word);
  return command;
}

BackboneDims DimsOf(const Experiment& experiment) {
  const BertConfig config = ReadBertConfig(FindModelFolder(experiment.model));
  BackboneDims dims;
  dims.layers = config.state_layers();
  dims.hidden = config.hidden_size;
  dims.tokens = kWindow;
  return dims;
}

std::vector<Step> MakeSteps(const Plan& plan) {
  std::vector<Step> steps;
  for (size_t i = 0; i < plan.experiments.size(); ++i) Expansion(plan, i, &steps).Expand();
  return steps;
}

}  // namespace bv::study
