// The half of Options that reads the command line and the configuration file.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "base/toml.h"
#include "cli/option_record.h"
#include "cli/values.h"
#include "cli/verbs.h"

namespace bv::cli {
namespace {

namespace fs = std::filesystem;
using Values = std::vector<std::string>;

Error Usage(const std::string& message) {
  return {ErrorKind::kUsage, message};
}

const char* Wanted(Kind kind) {
  switch (kind) {
    case Kind::kFlag:
      return "true or false";
    case Kind::kText:
      return "a string";
    case Kind::kInteger:
      return "a whole number";
    case Kind::kNumber:
      break;
  }
  return "a number";
}

// A configuration's value as the command line would spell it.
std::string ConfigText(const bv::Json& value, Kind kind, const std::string& where) {
  if (kind == Kind::kText && value.is_string()) return value.get<std::string>();
  if (kind == Kind::kFlag && value.is_boolean()) return value.get<bool>() ? "true" : "false";
  if (kind == Kind::kInteger && value.is_number_integer()) return value.dump();
  if (kind == Kind::kNumber && value.is_number()) return ShortestNumber(value.get<double>());
  throw Error(ErrorKind::kUsage, Cat(where, " is ", value.type_name(), ", ", Wanted(kind), " is needed"));
}

// CLI11 would read "--name= next" as "--name next".
void RefuseEmptyAssignments(const Values& args) {
  for (const std::string& arg : args) {
    if (arg == "--") return;
    if (arg.starts_with("--") && arg.find('=') == arg.size() - 1) {
      throw Usage(Cat(arg, " has no value; for an empty one write ", arg.substr(0, arg.size() - 1), " ''"));
    }
  }
}

std::string DidYouMean(const std::string& name, const Values& known, const char* prefix) {
  Values near = Nearest(name, known);
  for (std::string& candidate : near) candidate.insert(0, prefix);
  return near.empty() ? "" : "; nearest: " + Join(near, ", ");
}

}  // namespace

Options::Record* Options::Find(const std::string& key) const {
  for (const auto& record : records_) {
    if (record->key == key) return record.get();
  }
  return nullptr;
}

std::vector<std::string> Options::Names() const {
  Values names;
  for (const auto& record : records_) {
    if (!record->argument) names.push_back(record->key);
  }
  return names;
}

bool Options::Parse(const Values& args) {
  RefuseEmptyAssignments(args);
  ParseCommandLine(args);
  if (help_) return false;
  if (!config_.empty()) ApplyConfig(config_);
  for (const auto& record : records_) {
    if (record->required && record->origin == Origin::kDefault) {
      throw Usage(Cat("bertvision ", verb_, " needs ", record->Typed(), ": ", record->help));
    }
  }
  if (quiet_ && verbose_) throw Usage("--quiet and --verbose exclude each other");
  if (quiet_) SetLogLevel(LogLevel::kWarning);
  if (verbose_) SetLogLevel(LogLevel::kDebug);
  return true;
}

// Unknown options are reported before bad values: they are the likelier cause.
void Options::ParseCommandLine(const Values& args) {
  command_ = {"bertvision", verb_};
  command_.insert(command_.end(), args.begin(), args.end());
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::vector<CLI::Option*> parsed;
  for (const auto& record : records_) {
    const std::string name = record->key == "help" ? "--help,-h" : record->Typed();
    CLI::Option* option =
        record->kind == Kind::kFlag ? app.add_flag(name) : app.add_option(name, CLI::callback_t());
    option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    if (record->list) option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
    parsed.push_back(option);
  }
  try {
    app.parse(Values(args.rbegin(), args.rend()));
  } catch (const CLI::ArgumentMismatch&) {
    // Whatever follows an option is its value, so only the last one can be without.
    throw Usage(Cat(args.back(), " has no value"));
  } catch (const CLI::ParseError& error) {
    throw Usage(error.what());
  }
  if (app.count("--help") > 0) {
    help_ = true;
    return;
  }
  for (size_t i = 0; i < records_.size(); ++i) RefuseSwallowedOption(*records_[i], parsed[i]->results());
  Values left_over = app.remaining();
  std::erase(left_over, "--");  // it only says that no options follow
  CheckUnknown(left_over);
  for (size_t i = 0; i < records_.size(); ++i) {
    if (parsed[i]->count() > 0) Take(records_[i].get(), parsed[i]->results());
  }
}

// CLI11 takes whatever follows an option for its value, another option too.
void Options::RefuseSwallowedOption(const Record& record, const Values& values) const {
  for (const std::string& value : values) {
    if (value.starts_with("--") && Find(value.substr(2, value.find('=') - 2)) != nullptr) {
      throw Usage(Cat(record.Typed(), " has no value: ", value, " follows, which is an option"));
    }
  }
}

void Options::Take(Record* record, const Values& values) {
  const std::string where = record->Typed();
  if (!record->list && values.size() > 1) throw Usage(Cat(where, " is given ", values.size(), " times"));
  record->set(values, where);
  record->origin = Origin::kCommandLine;
}

void Options::CheckUnknown(const Values& left_over) const {
  if (left_over.empty()) return;
  const std::string& first = left_over.front();
  if (!first.starts_with("-") || first == "-") {
    throw Usage(
        Cat("unexpected argument ", Quoted(first), " (bertvision ", verb_, " --help tells the options)"));
  }
  const std::string name = first.substr(
      first.find_first_not_of('-') == std::string::npos ? first.size() : first.find_first_not_of('-'));
  throw Usage(Cat("bertvision ", verb_, " has no option ", Quoted(first.substr(0, first.find('='))),
                  DidYouMean(name.substr(0, name.find('=')), Names(), "--")));
}

void Options::ApplyConfig(const fs::path& file) {
  const bv::Json config = ReadTomlFile(file);
  // A table named for a verb holds values for that verb alone; what it says goes before the top level.
  Values verbs;
  for (const Verb& verb : Verbs()) verbs.emplace_back(verb.name);
  verbs.push_back(verb_);
  bv::Json top = bv::Json::object();
  for (const auto& [key, value] : config.items()) {
    if (!value.is_object()) {
      top[key] = value;
    } else if (std::find(verbs.begin(), verbs.end(), key) == verbs.end()) {
      throw Usage(Cat(file.string(), ": [", key, "] is no verb", DidYouMean(key, verbs, "")));
    }
  }
  if (config.contains(verb_)) ApplyConfigTable(config[verb_], file.string());
  ApplyConfigTable(top, file.string());
}

void Options::ApplyConfigTable(const bv::Json& table, const std::string& file) {
  for (const auto& [key, value] : table.items()) {
    const std::string where = Cat(file, ": ", Quoted(key));
    Record* record = Find(key);
    if (record == nullptr || record->argument || key == "help" || key == "config") {
      throw Usage(Cat(where, " is no option of bertvision ", verb_, DidYouMean(key, Names(), "")));
    }
    Values values;
    if (value.is_array() && record->list) {
      for (const bv::Json& item : value) values.push_back(ConfigText(item, record->kind, where));
    } else {
      values.push_back(ConfigText(value, record->kind, where));
    }
    if (record->origin != Origin::kDefault) continue;
    record->set(values, where);
    record->origin = Origin::kConfig;
  }
}

bool Options::Given(const std::string& name) const {
  const Record* record = Find(name.starts_with("--") ? name.substr(2) : name);
  if (record == nullptr) throw Error(ErrorKind::kInternal, "no such option: " + name);
  return record->origin != Origin::kDefault;
}

bool Options::Declares(const std::string& name) const {
  return Find(name.starts_with("--") ? name.substr(2) : name) != nullptr;
}

OrderedJson Options::ToJson() const {
  constexpr const char* kOrigins[] = {"default", "config", "command line"};
  OrderedJson all = OrderedJson::object();
  for (const auto& record : records_) {
    if (record->key == "help") continue;
    all[record->key] = {{"value", record->get()}, {"from", kOrigins[static_cast<int>(record->origin)]}};
  }
  return all;
}

}  // namespace bv::cli
