#include "features/window_json.h"

#include "base/error.h"
#include "base/strings.h"

namespace bv {

void AddWindowOptions(const WindowOptions& options, OrderedJson* json) {
  (*json)["max_length"] = options.max_length;
  if (options.rule == WindowRule::kPaper) {
    (*json)["window_rule"] = WindowRuleName(options.rule);
    (*json)["advance"] = options.doc_stride;
    (*json)["question_limit"] = options.question_limit;
    if (options.training) (*json)["training"] = true;
  } else {
    (*json)["doc_stride"] = options.doc_stride;
  }
  if (options.pad_to > 0) (*json)["pad_to"] = options.pad_to;
}

WindowOptions ReadWindowOptions(const Json& json, const std::string& file, const std::string& where) {
  const auto number = [&](const char* key, int64_t low) {
    return static_cast<int32_t>(RequireInteger(json, key, low, INT32_MAX, file, where));
  };
  WindowOptions options;
  options.max_length = number("max_length", 1);
  if (json.contains("window_rule")) {
    const std::string& rule = RequireString(json, "window_rule", file, where);
    if (rule != WindowRuleName(WindowRule::kPaper))
      throw DataError(file, Cat("'window_rule' is ", Quoted(rule), ", allowed is paper"));
    options.rule = WindowRule::kPaper;
    options.doc_stride = number("advance", 1);
    options.question_limit = number("question_limit", 0);
    if (json.contains("training")) options.training = RequireBool(json, "training", file, where);
  } else {
    options.doc_stride = number("doc_stride", 0);
  }
  if (json.contains("pad_to")) options.pad_to = number("pad_to", options.max_length);
  return options;
}

std::string WindowText(const WindowOptions& options) {
  const bool paper = options.rule == WindowRule::kPaper;
  std::string text = Cat("of at most ", options.max_length, " pieces, ");
  text += paper ? Cat("by the study's rule: ", options.doc_stride, " apart, questions of at most ",
                      options.question_limit)
                : Cat("stride ", options.doc_stride);
  if (options.training) text += ", for training";
  if (options.pad_to > 0) text += Cat(", padded to ", options.pad_to);
  return text;
}

}  // namespace bv
