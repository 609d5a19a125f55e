#include "train/checkpoint_folder.h"

#include <charconv>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr std::string_view kPrefix = "checkpoint-";
constexpr std::string_view kUnfinished = ".unfinished";

std::optional<int64_t> StepOf(const std::string& name) {
  if (!name.starts_with(kPrefix)) return std::nullopt;
  int64_t step = 0;
  const char* end = name.data() + name.size();
  const auto [stop, error] = std::from_chars(name.data() + kPrefix.size(), end, step);
  if (error != std::errc() || stop != end || step < 0) return std::nullopt;
  return step;
}

// All checkpoints and leftovers of killed writers, except checkpoint-<kept>.
void RemoveAll(const fs::path& folder, std::optional<int64_t> kept) {
  std::vector<fs::path> old;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const auto step = StepOf(name);
    const bool unfinished =
        name.ends_with(kUnfinished) && StepOf(name.substr(0, name.size() - kUnfinished.size()));
    if (entry.is_directory() && (unfinished || (step && step != kept))) old.push_back(entry.path());
  }
  for (const fs::path& path : old) {
    // Under another name first: a kill halfway must not leave what looks like a checkpoint.
    fs::path doomed = path;
    if (StepOf(path.filename().string())) {
      doomed += kUnfinished;
      fs::remove_all(doomed);
      fs::rename(path, doomed);
    }
    fs::remove_all(doomed);
  }
}

}  // namespace

std::optional<int64_t> NewestCheckpoint(const fs::path& folder) {
  std::optional<int64_t> newest;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    const auto step = StepOf(entry.path().filename().string());
    if (step && entry.is_directory() && (!newest || *step > *newest)) newest = step;
  }
  return newest;
}

fs::path CheckpointPath(const fs::path& folder, int64_t step) {
  return folder / Cat(kPrefix, step);
}

void CommitCheckpoint(const fs::path& folder, int64_t step,
                      const std::function<void(const fs::path&)>& write) {
  MakeFolder(folder);
  const fs::path scratch = folder / Cat(kPrefix, step, kUnfinished);
  fs::remove_all(scratch);
  MakeFolder(scratch);
  write(scratch);
  CommitFolder(scratch, CheckpointPath(folder, step));
  RemoveAll(folder, step);
}

void RemoveCheckpoints(const fs::path& folder) {
  RemoveAll(folder, std::nullopt);
}

}  // namespace bv
