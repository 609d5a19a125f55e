#include "fetch/hub.h"

#include <map>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/shard_index.h"
#include "base/strings.h"
#include "fetch/content_hash.h"
#include "fetch/download.h"
#include "fetch/file_lock.h"
#include "fetch/homes.h"
#include "fetch/repository.h"
#include "fetch/url.h"

namespace bv::fetch {
namespace {

constexpr const char* kConfigFile = "config.json";
constexpr const char* kWeightsFile = "model.safetensors";

// "; nearest known: …" among models, by the name with or without its organisation, and data sets.
std::string NearestKnown(const std::string& name) {
  std::map<std::string, std::string> full;  // by what is compared
  for (const std::string& model : KnownModels()) full[model.substr(model.find('/') + 1)] = model;
  for (const DataSet& set : KnownDataSets()) full[set.name] = set.name;
  std::vector<std::string> candidates, nearest;
  for (const auto& [bare, known] : full) candidates.push_back(bare);
  for (const std::string& bare : Nearest(name.substr(name.find('/') + 1), candidates)) {
    if (full.at(bare) != name) nearest.push_back(full.at(bare));
  }
  return nearest.empty() ? "" : "; nearest known: " + Join(nearest, ", ");
}

struct HubFile {
  std::string name;
  ContentHash hash;
  int64_t bytes = -1;
};

// Asks a hub about one model's files and brings them into its repository.
class ModelFetcher {
 public:
  ModelFetcher(const Place& place, const HubName& model)
      : place_(place),
        model_(model),
        repository_(place.cache, "models", model.name),
        transfer_(place.retry) {}

  Fetched Run() {
    const HubFile config = RequireFile(kConfigFile);
    std::vector<HubFile> files = {config};
    for (const char* name : {"tokenizer.json", "vocab.txt"}) AddIfThere(name, &files);
    if (files.size() == 1) {
      throw Error(ErrorKind::kUnsupported,
                  Shown() + " has neither tokenizer.json nor vocab.txt; it is no BERT that can be read here");
    }
    for (const char* name : {"tokenizer_config.json", "special_tokens_map.json"}) AddIfThere(name, &files);
    const size_t without_weights = files.size();
    AddIfThere(kWeightsFile, &files);
    if (files.size() == without_weights) AddShards(&files);
    for (const HubFile& file : files) Bring(file);
    for (const HubFile& file : files) repository_.Link(commit_, file.name, file.hash.hex);
    repository_.SetRevision(model_.revision, commit_);
    Fetched fetched = DescribeSnapshot(model_.name, "model", repository_.Snapshot(commit_));
    fetched.received = received_;
    return fetched;
  }

 private:
  std::string Shown() const {
    return Cat("model '", model_.name, "'", model_.revision == "main" ? "" : " at '" + model_.revision + "'");
  }

  // Files after the first are those of its commit, whatever the revision comes to name meanwhile.
  HubName Pinned() const { return {model_.name, commit_.empty() ? model_.revision : commit_}; }

  std::optional<HubFile> Ask(const std::string& name) {
    const HttpResponse response = transfer_.Head(FileUrl(place_.endpoint, Pinned(), name), place_.token);
    const std::string code = response.Header("x-error-code");
    if (response.status == 404 && (code == "EntryNotFound" || (code.empty() && !commit_.empty())))
      return std::nullopt;
    if (response.status != 200 && !IsRedirect(response)) throw Refused(response, code);
    const std::string linked = response.Header("x-linked-etag");
    const auto hash = ParseEtag(linked.empty() ? response.Header("etag") : linked);
    const std::string commit = response.Header("x-repo-commit");
    if (!hash || (commit_.empty() && !IsCommit(commit))) {
      throw DataError(response.url, Cat("the server gives no ", hash ? "commit" : "hash", " for ", name,
                                        "; is HF_ENDPOINT or --endpoint a Hugging Face hub?"));
    }
    if (commit_.empty()) commit_ = commit;
    int64_t bytes = response.Number("x-linked-size");
    if (bytes < 0 && !IsRedirect(response)) bytes = response.Number("content-length");
    return HubFile{name, *hash, bytes};
  }

  HubFile RequireFile(const std::string& name) {
    const auto file = Ask(name);
    if (!file) throw DataError(Shown(), Cat("the hub has no ", name, " of it"));
    return *file;
  }

  void AddIfThere(const std::string& name, std::vector<HubFile>* files) {
    if (const auto file = Ask(name)) files->push_back(*file);
  }

  void AddShards(std::vector<HubFile>* files) {
    const auto index = Ask(kShardIndexFile);
    if (!index) {
      const bool pickled = Ask("pytorch_model.bin").has_value();
      throw Error(ErrorKind::kUnsupported,
                  Cat(Shown(), " has no ", kWeightsFile,
                      pickled ? ", only pytorch_model.bin, which is not read here; look for a "
                                "revision with safetensors (refs/pr/…), or save it again with "
                                "transformers' save_pretrained"
                              : " and no shards; it holds no weights that can be read here"));
    }
    Bring(*index);
    files->push_back(*index);
    for (const std::string& shard : ReadShardIndex(repository_.Blob(index->hash.hex)).shards)
      files->push_back(RequireFile(shard));
  }

  void Bring(const HubFile& file) {
    const fs::path blob = repository_.Blob(file.hash.hex);
    if (fs::is_regular_file(blob)) return;
    const FileLock lock(repository_.Lock(file.hash.hex));
    received_ += Download(&transfer_,
                          {.url = FileUrl(place_.endpoint, Pinned(), file.name),
                           .token = place_.token,
                           .shown = Cat(model_.name, ": ", file.name),
                           .hash = file.hash,
                           .bytes = file.bytes},
                          blob);
  }

  Error Refused(const HttpResponse& response, const std::string& code) const {
    const std::string page = place_.endpoint + "/" + model_.name;
    if (code == "GatedRepo") {
      return {ErrorKind::kIo,
              Cat(Shown(), " is gated: accept its conditions at ", page,
                  place_.token.empty() ? " and set HF_TOKEN" : " with the account of your token")};
    }
    if (code == "RevisionNotFound")
      return {ErrorKind::kIo,
              Cat("model '", model_.name, "' has no revision '", model_.revision, "'; see ", page)};
    if (response.status == 401 && !place_.token.empty() && code != "RepoNotFound")
      return {ErrorKind::kIo,
              Cat("the token was refused by ", place_.endpoint, "; is HF_TOKEN complete and not expired?")};
    if (response.status == 403)
      return {ErrorKind::kIo,
              Cat("access to ", Shown(), " is refused",
                  place_.token.empty() ? "; set HF_TOKEN" : "; the token lacks the right to read it")};
    if (response.status == 401 || response.status == 404) {
      return {ErrorKind::kIo, Cat("there is no ", Shown(), " at ", place_.endpoint,
                                  place_.token.empty() ? ", or it is private (set HF_TOKEN)"
                                                       : ", or the token may not see it",
                                  NearestKnown(model_.name))};
    }
    return ErrorOf(response);
  }

  const Place& place_;
  const HubName& model_;
  Repository repository_;
  Transfer transfer_;
  std::string commit_;
  int64_t received_ = 0;
};

Fetched FromCache(const Place& place, const HubName& model) {
  const fs::path snapshot =
      CachedSnapshot(place.cache / RepositoryFolder("models", model.name), model.revision);
  const bool weights = !snapshot.empty() && fs::exists(snapshot / kConfigFile) &&
                       (fs::exists(snapshot / kWeightsFile) || fs::exists(snapshot / kShardIndexFile));
  if (!weights) {
    throw Error(ErrorKind::kIo, Cat("HF_HUB_OFFLINE is set, and model '", model.name, "' at '",
                                    model.revision, "' is not in the cache at '", place.cache.string(), "'"));
  }
  return DescribeSnapshot(model.name, "model", snapshot);
}

}  // namespace

std::string FileUrl(const std::string& endpoint, const HubName& model, const std::string& file) {
  // The slash between organisation and name is one of the address; those of a revision are not.
  return Cat(endpoint, "/", model.name, "/resolve/", Encode(model.revision), "/", Encode(file));
}

Fetched FetchModel(const Place& place, const HubName& model) {
  return place.offline ? FromCache(place, model) : ModelFetcher(place, model).Run();
}

}  // namespace bv::fetch
