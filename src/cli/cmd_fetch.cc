// bertvision fetch: models and data sets by name into the Hugging Face cache.
#include <algorithm>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/file.h"
#include "base/hub_cache.h"
#include "base/interrupt.h"
#include "base/json.h"
#include "base/strings.h"
#include "cli/verbs.h"
#include "fetch/data_sets.h"
#include "fetch/homes.h"
#include "fetch/hub.h"
#include "fetch/token.h"
#include "fetch/url.h"
#include "report/table.h"

namespace bv::cli {
namespace {

struct FetchOptions {
  std::vector<std::string> names;
  std::string revision = "main", endpoint, mirror;
  fs::path cache, catalog, token_file;
  bool list = false, json = false;
};

// A name of the command line, resolved: a data set of the catalog, or a model.
struct Item {
  const fetch::DataSet* data = nullptr;
  HubName model;
};

std::string Endpoint(const std::string& option) {
  if (!option.empty()) return fetch::CheckEndpoint(option, "--endpoint");
  if (const std::string set = Environment("HF_ENDPOINT"); !set.empty())
    return fetch::CheckEndpoint(set, "HF_ENDPOINT");
  return fetch::kHub;
}

fetch::Place PlaceOf(const FetchOptions& options) {
  fetch::Place place;
  place.cache = options.cache.empty() ? HubCacheFolder() : options.cache;
  place.endpoint = Endpoint(options.endpoint);
  if (!options.mirror.empty()) place.mirror = fetch::CheckEndpoint(options.mirror, "--mirror");
  place.token = fetch::HubToken(options.token_file);
  place.offline = fetch::OfflineByEnvironment();
  return place;
}

HubName ModelName(const std::string& name, const std::vector<fetch::DataSet>& sets,
                  const std::string& revision) {
  if (const auto* set = fetch::FindDataSet(sets, name.substr(0, name.find('/')))) {
    throw Error(ErrorKind::kUsage,
                Cat(Quoted(name, 200),
                    " is a part of a data set, which is fetched as a whole: bertvision fetch ", set->name));
  }
  auto model = ParseHubName(name);
  if (!model) {
    throw Error(ErrorKind::kUsage, Cat(Quoted(name, 200),
                                       " is no name of a model (org/name, or org/name@revision) "
                                       "and no data set (bertvision fetch --list tells them)"));
  }
  if (name.find('@') == name.npos) model->revision = revision;
  return *model;
}

std::vector<Item> Resolve(const FetchOptions& options, const std::vector<fetch::DataSet>& sets) {
  std::vector<Item> items;
  for (const std::string& name : options.names) {
    if (const fetch::DataSet* set = fetch::FindDataSet(sets, name)) {
      items.push_back({set, {}});
    } else if (name == "glue") {
      for (const std::string& task : fetch::GlueTasks())
        items.push_back({fetch::FindDataSet(sets, task), {}});
    } else {
      items.push_back({nullptr, ModelName(name, sets, options.revision)});
    }
  }
  return items;
}

OrderedJson AsJson(const fetch::Fetched& fetched) {
  OrderedJson files = OrderedJson::array();
  for (const fetch::FetchedFile& file : fetched.files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}});
  return {{"name", fetched.name},
          {"kind", fetched.kind},
          {"commit", fetched.commit},
          {"bytes", fetched.Bytes()},
          {"received", fetched.received},
          {"folder", fetched.folder.string()},
          {"files", files}};
}

void PrintTable(const std::vector<fetch::Fetched>& all) {
  Table table({{"name", Align::kLeft}, {"files"}, {"bytes"}, {"received"}, {"where", Align::kLeft}});
  for (const fetch::Fetched& fetched : all) {
    table.AddRow({fetched.name, static_cast<int64_t>(fetched.files.size()), fetched.Bytes(), fetched.received,
                  fetched.folder.string()});
  }
  std::cout << table.Print(TableFormat::kText);
}

void PrintList(const std::vector<fetch::DataSet>& sets, bool json) {
  OrderedJson list = OrderedJson::array();
  Table table(
      {{"name", Align::kLeft}, {"bytes to fetch"}, {"files", Align::kLeft}, {"what it is", Align::kLeft}});
  for (const fetch::DataSet& set : sets) {
    int64_t bytes = 0;
    OrderedJson urls = OrderedJson::array();
    for (const fetch::DataSource& source : set.sources) {
      bytes += source.bytes;
      urls.push_back(source.url);
    }
    list.push_back(
        {{"name", set.name}, {"about", set.about}, {"bytes", bytes}, {"files", set.Files()}, {"urls", urls}});
    table.AddRow({set.name, bytes, Join(set.Files(), " "), set.about});
  }
  std::cout << (json ? list.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + "\n"
                     : table.Print(TableFormat::kText));
}

void CheckUsage(const FetchOptions& values, const Options& options) {
  const auto refuse = [](const std::string& message) { throw Error(ErrorKind::kUsage, message); };
  if (values.list) {
    if (!values.names.empty())
      refuse(Cat("--list is given together with the name ", Quoted(values.names[0])));
    return;
  }
  if (values.names.empty())
    refuse("bertvision fetch needs NAME: a model (org/name) or a data set (--list tells them)");
  if (!ValidRevision(values.revision))
    refuse(Cat("--revision is ", Quoted(values.revision), ", a branch, a tag or a commit is needed"));
  const auto has_revision = [](const std::string& name) { return name.find('@') != name.npos; };
  const auto named = std::find_if(values.names.begin(), values.names.end(), has_revision);
  if (options.Given("--revision") && named != values.names.end())
    refuse(Cat("--revision is given, and ", Quoted(*named), " names one too"));
}

void Fetch(const FetchOptions& values, const Options& options) {
  CheckUsage(values, options);
  const std::vector<fetch::DataSet> sets = fetch::ReadCatalog(values.catalog);
  if (values.list) return PrintList(sets, values.json);
  const std::vector<Item> items = Resolve(values, sets);
  const auto is_data = [](const Item& item) { return item.data != nullptr; };
  if (options.Given("--revision") && std::all_of(items.begin(), items.end(), is_data))
    throw Error(ErrorKind::kUsage, "--revision is given, but no model; data sets have one revision each");
  const fetch::Place place = PlaceOf(values);
  std::vector<fetch::Fetched> fetched;
  fetched.reserve(items.size());
  InstallInterruptHandler();
  for (const Item& item : items) {
    fetched.push_back(is_data(item) ? fetch::FetchDataSet(place, *item.data)
                                    : fetch::FetchModel(place, item.model));
  }
  if (!values.json) return PrintTable(fetched);
  OrderedJson list = OrderedJson::array();
  for (const fetch::Fetched& one : fetched) list.push_back(AsJson(one));
  std::cout << list.dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
}

}  // namespace

Action DeclareFetch(Options& options) {
  auto values = std::make_shared<FetchOptions>();
  options.Arguments("NAME", &values->names,
                    "models of the hub (org/name, org/name@revision), data sets, or glue for its nine");
  options.Text("--revision", &values->revision, "of the models: a branch, a tag or a commit")
      .Shown("REVISION");
  options.Path("--cache", &values->cache, "instead of HF_HUB_CACHE, HF_HOME/hub or ~/.cache/huggingface/hub")
      .Shown("FOLDER");
  options.Text("--endpoint", &values->endpoint, Cat("the hub, instead of HF_ENDPOINT or ", fetch::kHub))
      .Shown("URL");
  options.Text("--mirror", &values->mirror, "data sets from URL/<name>/<file> instead of their homes")
      .Shown("URL");
  options.Path("--catalog", &values->catalog, "JSON with data sets of your own").Shown("FILE");
  options.Path("--token-file", &values->token_file, "holds the access token, instead of HF_TOKEN")
      .Shown("FILE");
  options.Flag("--list", &values->list, "the data sets that have names here");
  options.Json(&values->json);
  options.Note(
      "What has been fetched is used by its name: --model org/name, --data squad2/dev. The same command goes "
      "on after an "
      "interruption.\n"
      "Example: bertvision fetch google-bert/bert-base-uncased squad2");
  return [values, &options] { Fetch(*values, options); };
}

}  // namespace bv::cli
