#include "data/text_builder.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr size_t kMostLabels = 4096;
constexpr size_t kNamesInErrors = 20;

std::string Listed(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) {
    if (shown.size() == kNamesInErrors) return Cat(Join(shown, ", "), ", … (", names.size(), ")");
    shown.push_back(Quoted(name));
  }
  return Join(shown, ", ");
}

// The order in which found names get their indices.
std::vector<size_t> NameOrder(const std::vector<std::string>& names) {
  std::vector<double> values;
  for (const std::string& name : names) {
    const std::optional<double> value = ParseFinite(name);
    if (!value) break;
    values.push_back(*value);
  }
  const bool numbers = values.size() == names.size();
  std::vector<size_t> order(names.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (numbers && values[a] != values[b]) return values[a] < values[b];
    return names[a] < names[b];
  });
  return order;
}

}  // namespace

std::optional<double> ParseFinite(std::string_view text) {
  text = TrimSpaces(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

TextBuilder::TextBuilder(std::string file, uint64_t hash, bool pair, const TextOptions& options)
    : use_(options.labels), found_names_(!options.regression && options.label_names.empty()) {
  data_.file = std::move(file);
  data_.hash = hash;
  data_.pair = pair;
  data_.regression = options.regression;
  if (!options.regression) data_.label_names = options.label_names;
  for (size_t i = 0; i < data_.label_names.size(); ++i) {
    const std::string& name = data_.label_names[i];
    if (TrimSpaces(name) != name || name.empty()) {
      throw Error(ErrorKind::kUsage, Cat("label name ", Quoted(name), " is empty or has spaces around it"));
    }
    if (!numbers_.emplace(name, static_cast<int32_t>(i)).second) {
      throw Error(ErrorKind::kUsage, Cat("label name ", Quoted(name), " is given twice"));
    }
  }
}

void TextBuilder::Add(TextRow row) {
  TextExample example;
  SetId(row, &example);
  std::string label;
  if (row.label && use_ != LabelUse::kIgnored) label = TrimSpaces(*row.label);
  if (label.empty() && use_ == LabelUse::kRequired) throw DataError(Place(row), "the label is missing");
  if (data_.examples.empty()) data_.labelled = !label.empty();
  if (data_.labelled == label.empty()) {
    throw DataError(Place(row), Cat("the label is ", label.empty() ? "missing" : Quoted(label),
                                    ", but the rows before have ", data_.labelled ? "one" : "none",
                                    "; all rows must have one or none"));
  }
  if (data_.labelled) SetLabel(row, label, &example);
  example.text_a = std::move(row.text_a);
  if (data_.pair) example.text_b = std::move(row.text_b);
  data_.examples.push_back(std::move(example));
}

TextData TextBuilder::Finish() {
  if (data_.examples.empty()) throw DataError(data_.file, "it holds no rows");
  if (found_names_ && data_.labelled) {
    if (data_.label_names.size() == 1) {
      throw DataError(data_.file, Cat("every label is ", Quoted(data_.label_names[0]),
                                      "; two are needed at least, or the wrong column was named"));
    }
    SortFoundNames();
  }
  return std::move(data_);
}

std::string TextBuilder::Place(const TextRow& row) const {
  return row.line > 0 ? Cat(data_.file, ":", row.line) : Cat(data_.file, ": question ", Quoted(row.id));
}

void TextBuilder::SetId(const TextRow& row, TextExample* example) {
  example->id = row.id.empty() ? std::to_string(row.line) : row.id;
  if (ids_.insert(example->id).second) return;
  throw DataError(Place(row), Cat("id ", Quoted(example->id), " belongs to an earlier row"));
}

void TextBuilder::SetLabel(const TextRow& row, const std::string& label, TextExample* example) {
  if (data_.regression) {
    const std::optional<double> value = ParseFinite(label);
    if (!value || std::abs(*value) > std::numeric_limits<float>::max())
      throw DataError(Place(row),
                      Cat("label ", Quoted(label), ": a finite number is needed, in the range of float32"));
    example->value = *value;
    return;
  }
  auto found = numbers_.find(label);
  if (found == numbers_.end() && !found_names_) {
    throw DataError(Place(row),
                    Cat("label ", Quoted(label), " is none of those known: ", Listed(data_.label_names)));
  }
  if (found == numbers_.end()) {
    if (data_.label_names.size() == kMostLabels) {
      throw DataError(Place(row), Cat("more than ", kMostLabels,
                                      " different labels; is this the wrong column, or a number to predict "
                                      "(regression)?"));
    }
    found = numbers_.emplace(label, static_cast<int32_t>(data_.label_names.size())).first;
    data_.label_names.push_back(label);
  }
  example->label = found->second;
}

void TextBuilder::SortFoundNames() {
  const std::vector<size_t> order = NameOrder(data_.label_names);
  std::vector<int32_t> number(order.size());
  std::vector<std::string> names;
  for (size_t i = 0; i < order.size(); ++i) {
    number[order[i]] = static_cast<int32_t>(i);
    names.push_back(data_.label_names[order[i]]);
  }
  data_.label_names = std::move(names);
  for (TextExample& example : data_.examples) example.label = number[static_cast<size_t>(example.label)];
}

}  // namespace bv
