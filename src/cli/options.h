// The options of one verb, each declared once: name, bounds and help here, type and default from the variable
// it is bound to. The same declarations parse the command line and --config files, print the help, and give
// every value with its origin for run.json. CLI11 splits the command line; values are checked here, strictly.
// Not thread-safe: main owns it while the verb runs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"

namespace bv::cli {

enum class Origin { kDefault, kConfig, kCommandLine };

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

class Options {
 public:
  // What a declaration gives back, to say more about the option.
  class Declared {
   public:
    // Without a value, from the command line or the configuration, the verb does not start.
    Declared& Required();
    // What stands for the value in the help, for example FOLDER.
    Declared& Shown(std::string placeholder);

   private:
    friend class Options;
    struct Record;
    explicit Declared(Record* record) : record_(record) {}
    Record* record_;
  };

  Options(std::string verb, std::string summary);
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  // The variable must outlive Parse; its value at the declaration is the default. Names are given as
  // "--name". Bounds are inclusive. A list takes values separated by commas or spaces. A number must be
  // finite.
  Declared Flag(const std::string& name, bool* value, std::string help);
  Declared Text(const std::string& name, std::string* value, std::string help);
  Declared Choice(const std::string& name, std::string* value, std::vector<std::string> allowed,
                  std::string help);
  Declared Path(const std::string& name, std::filesystem::path* value, std::string help);
  Declared Integer(const std::string& name, int64_t* value, int64_t low, int64_t high, std::string help);
  Declared Integer(const std::string& name, int32_t* value, int64_t low, int64_t high, std::string help);
  Declared Number(const std::string& name, double* value, double low, double high, std::string help);
  Declared Texts(const std::string& name, std::vector<std::string>* value, std::string help);
  Declared Paths(const std::string& name, std::vector<std::filesystem::path>* value, std::string help);
  Declared Integers(const std::string& name, std::vector<int64_t>* value, int64_t low, int64_t high,
                    std::string help);
  Declared Numbers(const std::string& name, std::vector<double>* value, double low, double high,
                   std::string help);
  // An argument without a dash, for example "PLAN", that is required. One that is not is a Text or another of
  // the above whose name has no dashes.
  Declared Argument(const std::string& name, std::filesystem::path* value, std::string help);
  // Any number of arguments without a dash, for example "NAME".
  Declared Arguments(const std::string& name, std::vector<std::string>* value, std::string help);
  // A path of a data file, or the name of a part of a fetched data set (squad2/train), whose file it becomes.
  // The name may be an argument's.
  Declared DataFile(const std::string& name, std::filesystem::path* value, std::string help);

  // Options that several verbs share, so that they read the same everywhere.
  Declared Threads(int32_t* value);  // default: every processor of this process
  Declared Json(bool* value);        // machine-readable results on stdout

  // A paragraph at the end of the help: examples, formats.
  void Note(std::string text);

  // args: what follows the verb. Sets the variables. Errors (kUsage) name the option or the file and key,
  // what was found and what is allowed. False if --help was asked for: Help() is to be printed, nothing else
  // done.
  bool Parse(const std::vector<std::string>& args);
  std::string Help() const;

  // After Parse. Given: the value does not come from the default.
  bool Given(const std::string& name) const;
  // The verb has an option of this name.
  bool Declares(const std::string& name) const;
  // {"lr": {"value": 0.001, "from": "command line"}, …} in order of declaration.
  OrderedJson ToJson() const;
  // The whole command as typed, for run.json.
  const std::vector<std::string>& command() const { return command_; }

 private:
  using Record = Declared::Record;
  Record* Add(const std::string& name);
  static Declared Describe(Record* record, const char* placeholder, std::string help,
                           const std::string& bounds = "any");
  Record* Find(const std::string& key) const;
  void ParseCommandLine(const std::vector<std::string>& args);
  void RefuseSwallowedOption(const Record& record, const std::vector<std::string>& values) const;
  void Take(Record* record, const std::vector<std::string>& values);
  void CheckUnknown(const std::vector<std::string>& left_over) const;
  void ApplyConfig(const std::filesystem::path& file);
  void ApplyConfigTable(const bv::Json& table, const std::string& file);
  std::vector<std::string> Names() const;
  static std::string HelpLine(const Record& record);

  static constexpr size_t kCommonOptions = 4;  // the first records: options of every verb
  std::string verb_, summary_, notes_;
  std::vector<std::unique_ptr<Record>> records_;
  std::vector<std::string> command_;
  std::filesystem::path config_;
  bool quiet_ = false, verbose_ = false, help_ = false;
};

}  // namespace bv::cli
