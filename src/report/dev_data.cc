#include "report/dev_data.h"

#include <map>
#include <memory>
#include <unordered_set>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "report/data_files.h"
#include "run/predictions.h"

namespace bv {
namespace {

using Ids = std::unordered_set<std::string>;

Ids AnsweredIds(const fs::path& file) {
  const Json json = ReadJsonFile(file);
  if (!json.is_object())
    throw DataError(file.string(), Cat("the top level is ", json.type_name(), ", an object is needed"));
  Ids ids;
  for (const auto& [id, answer] : json.items()) ids.insert(id);
  return ids;
}

QaData Restricted(const QaData& data, const Ids& ids) {
  QaData part = data;
  std::erase_if(part.examples, [&](const QaExample& example) { return !ids.contains(example.id); });
  SummariseAnswers(&part);
  return part;
}

// Each file is read once.
class QuestionFiles {
 public:
  QuestionFiles(const std::vector<ReportSystem>& systems, const fs::path& given) : files_(systems, given) {
    for (const ReportSystem& system : systems)
      skip_bad_answers_ = skip_bad_answers_ || system.reading.skip_bad_answers;
  }

  // Null where there is no file with this checksum.
  const QaData* Read(const std::string& hash) {
    const auto path = files_.PathOf(hash);
    if (!path) return nullptr;
    std::unique_ptr<QaData>& data = read_[hash];
    if (!data) data = std::make_unique<QaData>(ReadSquad(*path, {.skip_bad_answers = skip_bad_answers_}));
    return data.get();
  }

  std::string WhyNot(const ReportSystem& system) const { return files_.WhyNot(system); }

 private:
  DataFiles files_;
  bool skip_bad_answers_ = false;
  std::map<std::string, std::unique_ptr<QaData>> read_;
};

bool SameQuestions(const QaData& data, const std::string& hash, const Ids& ids) {
  if (Hex(data.hash) != hash || data.examples.size() != ids.size()) return false;
  for (const QaExample& example : data.examples) {
    if (!ids.contains(example.id)) return false;
  }
  return true;
}

AnsweredData* GroupOf(const std::string& hash, const Ids& ids, const QaData& data,
                      std::vector<AnsweredData>* groups) {
  for (AnsweredData& group : *groups) {
    if (SameQuestions(group.data, hash, ids)) return &group;
  }
  groups->push_back({Restricted(data, ids), {}, {}});
  return &groups->back();
}

}  // namespace

DevData FindDevData(const std::vector<ReportSystem>& systems, const fs::path& given) {
  QuestionFiles files(systems, given);
  DevData result;
  result.why_not.resize(systems.size());
  for (size_t i = 0; i < systems.size(); ++i) {
    const ReportSystem& system = systems[i];
    const fs::path predictions = system.folder / "predictions.json";
    if (!fs::exists(predictions)) {
      result.why_not[i] = "the run has no predictions.json: it was trained without dev data";
    } else if (system.dev_hash.empty()) {
      result.why_not[i] = "the run did not record which dev data it was scored on";
    } else if (const QaData* data = files.Read(system.dev_hash); data == nullptr) {
      result.why_not[i] = files.WhyNot(system);
    } else {
      AnsweredData* group = GroupOf(system.dev_hash, AnsweredIds(predictions), *data, &result.groups);
      if (group->data.examples.empty()) {
        result.groups.pop_back();
        result.why_not[i] = "its predictions.json answers none of the questions of the dev data";
        continue;
      }
      group->predictions.push_back(ReadPredictions(predictions, group->data));
      group->systems.push_back(i);
    }
  }
  return result;
}

}  // namespace bv
