#include "cli/options.h"

#include <algorithm>
#include <functional>

#include "base/error.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "cli/option_record.h"
#include "cli/values.h"
#include "fetch/data_file.h"

namespace bv::cli {
namespace {

namespace fs = std::filesystem;
using Values = std::vector<std::string>;
Values SplitList(const Values& values) {
  Values parts;
  for (const std::string& value : values) {
    for (std::string& part : Split(value, ',')) parts.push_back(std::move(part));
  }
  return parts;
}

OrderedJson AsJson(const fs::path& path) {
  return path.string();
}
template <typename Value>
OrderedJson AsJson(const Value& value) {
  return value;
}
template <typename Value>
OrderedJson AsJson(const std::vector<Value>& values) {
  OrderedJson list = OrderedJson::array();
  for (const Value& value : values) list.push_back(AsJson(value));
  return list;
}

// parse(text, where) -> Value
template <typename Record, typename Value, typename Parse>
void BindOne(Record* record, Value* value, Kind kind, Parse parse) {
  record->kind = kind;
  record->set = [=](const Values& values, const std::string& where) {
    *value = static_cast<Value>(parse(values.at(0), where));
  };
  record->get = [=] { return AsJson(*value); };
  record->initial = record->get();
}

template <typename Record, typename Value, typename Parse>
void BindList(Record* record, std::vector<Value>* value, Kind kind, Parse parse) {
  record->kind = kind;
  record->list = true;
  record->set = [=](const Values& values, const std::string& where) {
    std::vector<Value> parsed;
    for (const std::string& part : SplitList(values)) parsed.push_back(parse(part, where));
    *value = std::move(parsed);
  };
  record->get = [=] { return AsJson(*value); };
  record->initial = record->get();
}

std::string TextAsIs(const std::string& text, const std::string& where) {
  if (text.find('\0') != std::string::npos) throw Error(ErrorKind::kUsage, where + " holds a zero byte");
  return text;
}

std::string NotEmpty(const std::string& text, const std::string& where) {
  if (text.empty()) throw Error(ErrorKind::kUsage, where + " is empty");
  return TextAsIs(text, where);
}

}  // namespace

Options::Declared& Options::Declared::Required() {
  record_->required = true;
  return *this;
}

Options::Declared& Options::Declared::Shown(std::string placeholder) {
  record_->placeholder = std::move(placeholder);
  return *this;
}

Options::Options(std::string verb, std::string summary)
    : verb_(std::move(verb)), summary_(std::move(summary)) {
  Path("--config", &config_, "TOML file with values for options that the command line does not give")
      .Shown("FILE");
  Flag("--quiet", &quiet_, "no progress on stderr, only warnings and errors");
  Flag("--verbose", &verbose_, "more detail on stderr");
  Flag("--help", &help_, "this text");
}

Options::~Options() = default;

Options::Record* Options::Add(const std::string& name) {
  auto record = std::make_unique<Record>();
  record->argument = !name.starts_with("--");
  record->key = record->argument ? name : name.substr(2);
  if (Find(record->key) != nullptr) throw Error(ErrorKind::kInternal, "option declared twice: " + name);
  records_.push_back(std::move(record));
  return records_.back().get();
}

Options::Declared Options::Describe(Record* record, const char* placeholder, std::string help,
                                    const std::string& bounds) {
  record->placeholder = placeholder;
  record->help = std::move(help);
  record->bounds = bounds;
  return Declared(record);
}

Options::Declared Options::Flag(const std::string& name, bool* value, std::string help) {
  Record* record = Add(name);
  BindOne(record, value, Kind::kFlag, ParseBool);
  return Describe(record, "", std::move(help));
}

Options::Declared Options::Text(const std::string& name, std::string* value, std::string help) {
  Record* record = Add(name);
  BindOne(record, value, Kind::kText, TextAsIs);
  return Describe(record, "TEXT", std::move(help));
}

Options::Declared Options::Choice(const std::string& name, std::string* value,
                                  std::vector<std::string> allowed, std::string help) {
  Record* record = Add(name);
  const std::string shown = Join(allowed, "|");
  BindOne(record, value, Kind::kText,
          [allowed = std::move(allowed)](const std::string& text, const std::string& where) {
            return ParseChoice(text, allowed, where);
          });
  return Describe(record, shown.c_str(), std::move(help));
}

Options::Declared Options::Path(const std::string& name, fs::path* value, std::string help) {
  Record* record = Add(name);
  BindOne(record, value, Kind::kText, NotEmpty);
  return Describe(record, "PATH", std::move(help));
}

Options::Declared Options::Argument(const std::string& name, fs::path* value, std::string help) {
  return Path(name, value, std::move(help)).Shown(name).Required();
}

Options::Declared Options::Arguments(const std::string& name, std::vector<std::string>* value,
                                     std::string help) {
  return Texts(name, value, std::move(help)).Shown(name);
}

Options::Declared Options::DataFile(const std::string& name, fs::path* value, std::string help) {
  Record* record = Add(name);
  BindOne(record, value, Kind::kText, [](const std::string& text, const std::string& where) {
    return fetch::FindDataFile(NotEmpty(text, where));
  });
  return Describe(record, "FILE", std::move(help));
}

Options::Declared Options::Integer(const std::string& name, int64_t* value, int64_t low, int64_t high,
                                   std::string help) {
  Record* record = Add(name);
  BindOne(record, value, Kind::kInteger, [=](const std::string& text, const std::string& where) {
    return ParseInteger(text, low, high, where);
  });
  return Describe(record, "N", std::move(help), IntegerBounds(low, high));
}

Options::Declared Options::Integer(const std::string& name, int32_t* value, int64_t low, int64_t high,
                                   std::string help) {
  Record* record = Add(name);
  const int64_t highest = std::min<int64_t>(high, std::numeric_limits<int32_t>::max());
  BindOne(record, value, Kind::kInteger, [=](const std::string& text, const std::string& where) {
    return ParseInteger(text, low, highest, where);
  });
  return Describe(record, "N", std::move(help), IntegerBounds(low, high));
}

Options::Declared Options::Number(const std::string& name, double* value, double low, double high,
                                  std::string help) {
  Record* record = Add(name);
  BindOne(record, value, Kind::kNumber, [=](const std::string& text, const std::string& where) {
    return ParseNumber(text, low, high, where);
  });
  return Describe(record, "X", std::move(help), NumberBounds(low, high));
}

Options::Declared Options::Texts(const std::string& name, std::vector<std::string>* value, std::string help) {
  Record* record = Add(name);
  BindList(record, value, Kind::kText, NotEmpty);
  return Describe(record, "TEXT,…", std::move(help));
}

Options::Declared Options::Paths(const std::string& name, std::vector<fs::path>* value, std::string help) {
  Record* record = Add(name);
  BindList(record, value, Kind::kText, NotEmpty);
  return Describe(record, "PATH,…", std::move(help));
}

Options::Declared Options::Integers(const std::string& name, std::vector<int64_t>* value, int64_t low,
                                    int64_t high, std::string help) {
  Record* record = Add(name);
  BindList(record, value, Kind::kInteger, [=](const std::string& text, const std::string& where) {
    return ParseInteger(text, low, high, where);
  });
  return Describe(record, "N,…", std::move(help), IntegerBounds(low, high));
}

Options::Declared Options::Numbers(const std::string& name, std::vector<double>* value, double low,
                                   double high, std::string help) {
  Record* record = Add(name);
  BindList(record, value, Kind::kNumber, [=](const std::string& text, const std::string& where) {
    return ParseNumber(text, low, high, where);
  });
  return Describe(record, "X,…", std::move(help), NumberBounds(low, high));
}

Options::Declared Options::Threads(int32_t* value) {
  *value = DefaultThreads();
  return Integer("--threads", value, 1, 1024, "processor threads");
}

Options::Declared Options::Json(bool* value) {
  return Flag("--json", value, "results as JSON on stdout");
}

}  // namespace bv::cli
