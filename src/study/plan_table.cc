#include "study/plan_table.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace bv::study {
namespace {

bool IsName(const std::string& text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return !text.empty() && text.front() != '.' && text.find_first_not_of(kAllowed) == std::string::npos;
}

bool IsOptionValue(const Json& value) {
  if (!value.is_array()) return value.is_boolean() || value.is_number() || value.is_string();
  return !value.empty() && std::all_of(value.begin(), value.end(),
                                       [](const Json& one) { return one.is_number() || one.is_string(); });
}

}  // namespace

PlanTable::PlanTable(const Json& table, std::string file, std::string where)
    : left_(table), file_(std::move(file)), where_(std::move(where)) {
  if (!left_.is_object()) Fail(Cat("is ", left_.type_name(), ", a table is needed"));
}

void PlanTable::Fail(const std::string& message) const {
  throw Error(ErrorKind::kUsage, Cat(file_, ": ", where_.empty() ? "the plan" : where_, " ", message));
}

const Json* PlanTable::Take(const std::string& key) {
  known_.push_back(key);
  const auto found = left_.find(key);
  if (found == left_.end()) return nullptr;
  taken_ = std::move(*found);
  left_.erase(found);
  return &taken_;
}

const Json& PlanTable::TakeRequired(const std::string& key) {
  const Json* value = Take(key);
  if (value == nullptr) {
    std::vector<std::string> there;
    for (const auto& [name, ignored] : left_.items()) there.push_back(name);
    const std::string near = Join(Nearest(key, there, 1), "");
    Fail(Cat("has no '", key, "'", near.empty() ? "" : Cat("; is '", near, "' meant to be it?")));
  }
  return *value;
}

std::string PlanTable::Text(const std::string& key) {
  const Json& value = TakeRequired(key);
  if (!value.is_string() || value.get_ref<const std::string&>().empty())
    Fail(Cat("has ", key, " = ", value.dump(), ", a text that is not empty is needed"));
  return value.get<std::string>();
}

std::string PlanTable::Text(const std::string& key, const std::string& otherwise) {
  if (Has(key)) return Text(key);
  known_.push_back(key);
  return otherwise;
}

std::string PlanTable::Name(const std::string& key) {
  std::string name = Text(key);
  if (!IsName(name)) {
    Fail(Cat("has ", key, " = ", Quoted(name),
             ", which becomes a folder: letters, digits, '-', '_' and '.' are allowed"));
  }
  return name;
}

bool PlanTable::Flag(const std::string& key, bool otherwise) {
  const Json* value = Take(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) Fail(Cat("has ", key, " = ", value->dump(), ", true or false is needed"));
  return value->get<bool>();
}

double PlanTable::Number(const std::string& key, double low, double high) {
  const Json& value = TakeRequired(key);
  const bool fits = value.is_number() && value.get<double>() >= low && value.get<double>() <= high;
  if (!fits) Fail(Cat("has ", key, " = ", value.dump(), ", a number from ", low, " to ", high, " is needed"));
  return value.get<double>();
}

std::vector<Json> PlanTable::TakeList(const std::string& key) {
  const Json& value = TakeRequired(key);
  if (!value.is_array()) return {value};
  if (value.empty()) Fail(Cat("has an empty list ", key, ", at least one value is needed"));
  return value;
}

std::vector<std::string> PlanTable::Texts(const std::string& key) {
  std::vector<std::string> texts;
  for (const Json& value : TakeList(key)) {
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
      Fail(Cat("has ", value.dump(), " in ", key, ", texts are needed"));
    texts.push_back(value.get<std::string>());
  }
  return texts;
}

std::vector<int64_t> PlanTable::Integers(const std::string& key, int64_t low, int64_t high) {
  std::vector<int64_t> numbers;
  for (const Json& value : TakeList(key)) {
    const bool fits =
        value.is_number_integer() && value.get<int64_t>() >= low && value.get<int64_t>() <= high;
    if (!fits)
      Fail(Cat("has ", value.dump(), " in ", key, ", whole numbers from ", low, " to ", high, " are needed"));
    numbers.push_back(value.get<int64_t>());
  }
  if (std::set(numbers.begin(), numbers.end()).size() != numbers.size())
    Fail(Cat("names a number twice in ", key));
  return numbers;
}

std::vector<double> PlanTable::Numbers(const std::string& key, double low, double high) {
  std::vector<double> numbers;
  for (const Json& value : TakeList(key)) {
    const bool fits = value.is_number() && value.get<double>() >= low && value.get<double>() <= high;
    if (!fits)
      Fail(Cat("has ", value.dump(), " in ", key, ", numbers from ", low, " to ", high, " are needed"));
    numbers.push_back(value.get<double>());
  }
  std::sort(numbers.begin(), numbers.end());
  if (std::adjacent_find(numbers.begin(), numbers.end()) != numbers.end())
    Fail(Cat("names a number twice in ", key));
  return numbers;
}

std::vector<PlanTable> PlanTable::Tables(const std::string& key) {
  const Json* value = Take(key);
  if (value == nullptr) return {};
  const Json tables = *value;
  const std::string where = where_.empty() ? Cat("[", key, "]") : Cat(where_, ", [", key, "]");
  if (!tables.is_array()) return {PlanTable(tables, file_, where)};
  std::vector<PlanTable> result;
  for (size_t i = 0; i < tables.size(); ++i)
    result.emplace_back(tables[i], file_, tables.size() == 1 ? where : Cat(where, " number ", i + 1));
  return result;
}

Json PlanTable::Options(const std::string& verb, const std::vector<std::string>& reserved) {
  for (const auto& [key, value] : left_.items()) {
    if (std::find(reserved.begin(), reserved.end(), key) != reserved.end())
      Fail(Cat("has '", key, "', which the study itself decides for ", verb));
    if (!IsOptionValue(value))
      Fail(Cat("has ", key, " = ", value.dump(), ", a text, a number, true, false or a list is needed"));
  }
  // A list of one is what it holds.
  for (auto& [key, value] : left_.items()) {
    if (value.is_array() && value.size() == 1) value = Json(value.front());
  }
  return std::exchange(left_, Json::object());
}

void PlanTable::RequireEmpty() const {
  if (left_.empty()) return;
  const std::string key = left_.begin().key();
  const std::string near = Join(Nearest(key, known_), ", ");
  Fail(Cat("has an unknown key ", Quoted(key), near.empty() ? "" : "; nearest: ", near));
}

}  // namespace bv::study
