#include "report/dev_data.h"

#include <map>

#include "base/file.h"
#include "base/hash.h"
#include "run/predictions.h"

namespace bv {
namespace {

QaData Restricted(const QaData& data, const IdSet& ids) {
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

  // There is a file with this checksum.
  const QaData& Read(const std::string& hash) {
    const auto [place, added] = read_.try_emplace(hash);
    if (added)
      place->second = ReadSquad(files_.PathOf(hash).value(), {.skip_bad_answers = skip_bad_answers_});
    return place->second;
  }

  std::string WhyNot(const ReportSystem& system) const { return files_.WhyNot(system); }

 private:
  DataFiles files_;
  bool skip_bad_answers_ = false;
  std::map<std::string, QaData> read_;
};

bool SameQuestions(const QaData& data, const std::string& hash, const IdSet& ids) {
  if (Hex(data.hash) != hash || data.examples.size() != ids.size()) return false;
  for (const QaExample& example : data.examples) {
    if (!ids.contains(example.id)) return false;
  }
  return true;
}

AnsweredData* GroupOf(const std::string& hash, const IdSet& ids, const QaData& data,
                      std::vector<AnsweredData>* groups) {
  for (AnsweredData& group : *groups) {
    if (SameQuestions(group.data, hash, ids)) return &group;
  }
  groups->push_back({Restricted(data, ids), {}, {}});
  return &groups->back();
}

// Into the group of those that answered the same questions. Says why not, where it cannot be.
std::string AddSystem(const std::vector<ReportSystem>& systems, size_t number, QuestionFiles* files,
                      std::vector<AnsweredData>* groups) {
  const ReportSystem& system = systems[number];
  if (std::string why = files->WhyNot(system); !why.empty()) return why;
  const fs::path predictions = system.folder / "predictions.json";
  AnsweredData* group =
      GroupOf(system.dev_hash, IdsOf(ReadById(predictions)), files->Read(system.dev_hash), groups);
  if (group->data.examples.empty()) {
    groups->pop_back();
    return "its predictions.json answers none of the questions of the dev data";
  }
  group->predictions.push_back(ReadPredictions(predictions, group->data));
  group->systems.push_back(number);
  return "";
}

}  // namespace

DevData FindDevData(const std::vector<ReportSystem>& systems, const fs::path& given) {
  QuestionFiles files(systems, given);
  DevData result;
  for (size_t i = 0; i < systems.size(); ++i)
    result.why_not.push_back(AddSystem(systems, i, &files, &result.groups));
  return result;
}

}  // namespace bv
