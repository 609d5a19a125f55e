// The half of Options that prints itself.
#include "base/strings.h"
#include "cli/option_record.h"
#include "cli/values.h"

namespace bv::cli {
namespace {

constexpr size_t kLeftColumn = 30;

std::string ShownDefault(const OrderedJson& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return ShortestNumber(value.get<double>());
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const OrderedJson& item : value) parts.push_back(ShownDefault(item));
  return Join(parts, ",");
}

}  // namespace

std::string Options::HelpLine(const Record& record) {
  std::string left = "  " + record.Typed();
  if (!record.placeholder.empty() && !record.argument) left += " " + record.placeholder;
  const auto width = static_cast<size_t>(CodePoints(left));
  left +=
      width + 2 > kLeftColumn ? "\n" + std::string(kLeftColumn, ' ') : std::string(kLeftColumn - width, ' ');
  std::vector<std::string> facts;
  if (record.bounds != "any") facts.push_back(record.bounds);
  const std::string initial = ShownDefault(record.initial);
  if (record.required) {
    facts.emplace_back("required");
  } else if (record.kind != Kind::kFlag && !initial.empty()) {
    facts.push_back("default " + initial);
  }
  return left + record.help + (facts.empty() ? "" : " (" + Join(facts, "; ") + ")") + "\n";
}

std::string Options::Help() const {
  std::string usage = Cat("Usage: bertvision ", verb_), arguments, own, common;
  for (size_t i = 0; i < records_.size(); ++i) {
    const Record& record = *records_[i];
    if (record.argument) usage += record.required ? " " + record.key : " [" + record.key + "]";
    (record.argument ? arguments : i < kCommonOptions ? common : own) += HelpLine(record);
  }
  std::string help = Cat("bertvision ", verb_, ": ", summary_, "\n\n", usage, " [options]\n");
  if (!arguments.empty()) help += "\nArguments:\n" + arguments;
  if (!own.empty()) help += "\nOptions:\n" + own;
  help += "\nOptions of every verb:\n" + common;
  return notes_.empty() ? help : help + "\n" + notes_ + "\n";
}

void Options::Note(std::string text) {
  notes_ += (notes_.empty() ? "" : "\n") + std::move(text);
}

}  // namespace bv::cli
