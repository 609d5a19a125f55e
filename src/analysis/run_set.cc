#include "analysis/run_set.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "base/strings.h"

namespace bv {
namespace {

bool HoldsLogits(const fs::path& folder) {
  return fs::exists(folder / kLogitsFile);
}

void AddBelow(const fs::path& folder, std::vector<fs::path>* found) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorKind::kIo, Cat("no run at '", folder.string(), "': ",
                                    fs::exists(folder) ? "not a folder" : "the folder does not exist"));
  }
  std::vector<fs::path> inside;
  for (const auto& entry : fs::directory_iterator(folder)) {
    // A killed process leaves its half-written folder behind.
    const bool partial = entry.path().filename().string().find(".partial-") != std::string::npos;
    if (entry.is_directory() && !partial && HoldsLogits(entry.path())) inside.push_back(entry.path());
  }
  if (inside.empty()) {
    throw DataError(folder.string(),
                    Cat("neither it nor a folder right below it holds ", kLogitsFile,
                        ": it was never evaluated; bertvision eval --run … --out makes one"));
  }
  std::sort(inside.begin(), inside.end());
  found->insert(found->end(), inside.begin(), inside.end());
}

}  // namespace

std::vector<fs::path> FindLogits(const std::vector<fs::path>& folders) {
  std::vector<fs::path> found;
  for (const fs::path& given : folders) {
    // "runs/a/" is "runs/a".
    const fs::path folder = given.has_filename() ? given : given.parent_path();
    HoldsLogits(folder) ? found.push_back(folder) : AddBelow(folder, &found);
  }
  std::set<fs::path> seen;
  for (const fs::path& folder : found) {
    if (!seen.insert(fs::weakly_canonical(folder)).second)
      throw Error(ErrorKind::kUsage, Cat("the run '", folder.string(), "' is given twice"));
  }
  return found;
}

std::vector<std::string> ShortNames(const std::vector<fs::path>& folders) {
  std::vector<std::vector<std::string>> parts;
  for (const fs::path& folder : folders) {
    std::vector<std::string>& own = parts.emplace_back();
    for (const fs::path& part : fs::absolute(folder).lexically_normal()) {
      if (!part.empty()) own.push_back(part.string());
    }
  }
  size_t common = 0;
  const auto shared = [&] {
    return std::all_of(parts.begin(), parts.end(), [&](const auto& own) {
      return own.size() > common + 1 && own[common] == parts.front()[common];
    });
  };
  while (!parts.empty() && shared()) ++common;
  std::vector<std::string> names;
  names.reserve(parts.size());
  for (const auto& own : parts) {
    names.push_back(Join({own.begin() + static_cast<std::ptrdiff_t>(common), own.end()}, "/"));
  }
  return names;
}

RunSet LoadRuns(const std::vector<fs::path>& folders, const fs::path& data, int threads) {
  const std::vector<fs::path> found = FindLogits(folders);
  if (found.empty()) throw Error(ErrorKind::kUsage, "no run is given");
  const std::vector<std::string> names = ShortNames(found);
  RunSet set;
  set.threads = threads;
  for (size_t i = 0; i < found.size(); ++i) {
    StoredLogits stored = ReadLogits(found[i]);
    if (i == 0) {
      set.origin = stored.origin;
      set.data = ReadQuestionsOf(set.origin, data, found[i].string());
    } else {
      RequireSameWindows(set.origin, found[0].string(), stored.origin, found[i].string());
      const SpanLogits& first = set.runs[0].logits;
      if (first.offsets != stored.logits.offsets || first.window != stored.logits.window) {
        throw DataError(found[i].string(), Cat("its logits are of other windows than those of ",
                                               found[0].string(), ", although both say the same of them"));
      }
    }
    set.runs.push_back({names[i], found[i], std::move(stored.logits), stored.decode, {}, {}});
    DecodeRun(set, &set.runs.back());
  }
  return set;
}

void DecodeRun(const RunSet& set, AnalysedRun* run) {
  run->answers = DecodeSpans(set.data, run->logits, run->decode, set.threads);
  if (set.data.has_answers) run->scores = ScoreAnswers(set.data, run->answers, run->decode.null_threshold);
}

void RequireScores(const RunSet& set) {
  if (set.data.has_answers) return;
  throw DataError(set.data.file,
                  "not all its questions have gold answers, and nothing can be said of answers "
                  "without them");
}

const SquadScores& ScoresOf(const AnalysedRun& run) {
  if (!run.scores) throw Error(ErrorKind::kInternal, Cat(run.name, ": answers without scores"));
  return *run.scores;
}

std::vector<bool> RightAnswers(const AnalysedRun& run) {
  std::vector<bool> right;
  for (const double exact : ScoresOf(run).exact_values) right.push_back(exact == 1);
  return right;
}

}  // namespace bv
