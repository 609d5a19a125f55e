#include "report/report_rows.h"

#include <algorithm>
#include <numeric>

#include "base/json.h"
#include "base/strings.h"

namespace bv {
namespace {

std::vector<std::string> Parts(const std::string& name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// "seed-1", "seed-2" -> "seed-*".
std::string CommonPart(const std::vector<std::string>& parts) {
  std::string begin = parts[0], end = parts[0];
  for (const std::string& part : parts) {
    const auto same = std::mismatch(begin.begin(), begin.end(), part.begin(), part.end());
    begin.erase(same.first, begin.end());
    const auto tail = std::mismatch(end.rbegin(), end.rend(), part.rbegin(), part.rend());
    end.erase(end.begin(), tail.first.base());
  }
  if (std::all_of(parts.begin(), parts.end(), [&](const auto& part) { return part == parts[0]; }))
    return parts[0];
  // What both ends claim of the shortest belongs to its beginning; half a number is no beginning.
  size_t shortest = parts[0].size();
  for (const std::string& part : parts) shortest = std::min(shortest, part.size());
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  while (!begin.empty() && (digit(begin.back()) || begin.back() == '.')) begin.pop_back();
  end.erase(0, end.size() - std::min(end.size(), shortest - std::min(shortest, begin.size())));
  while (!end.empty() && (digit(end.front()) || end.front() == '.')) end.erase(0, 1);
  return Cat(begin, "*", end);
}

double MeanOf(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// The mean of a metric that all members have; those that some lack are left out.
void AddMeans(const std::vector<ReportSystem>& systems, ReportRow* row) {
  row->system.metrics.clear();
  for (const auto& [name, first] : systems[row->members[0]].metrics) {
    std::vector<double> values;
    for (const size_t member : row->members) {
      if (const auto value = FindMetric(systems[member].metrics, {name.c_str()})) values.push_back(*value);
    }
    if (values.size() != row->members.size()) continue;
    row->system.metrics.emplace_back(name, MeanOf(values));
    row->spread[name] = {*std::min_element(values.begin(), values.end()),
                         *std::max_element(values.begin(), values.end())};
  }
}

void AddMeanSeconds(const std::vector<ReportSystem>& systems, ReportRow* row) {
  std::vector<double> seconds;
  for (const size_t member : row->members) {
    if (systems[member].seconds) seconds.push_back(*systems[member].seconds);
  }
  if (!seconds.empty()) row->system.seconds = MeanOf(seconds);
}

void AddMeanLayerWeights(const std::vector<ReportSystem>& systems, ReportRow* row) {
  if (!row->system.layer_weights) return;
  LayerWeights& mean = *row->system.layer_weights;
  for (size_t m = 1; m < row->members.size(); ++m) {
    const auto& other = systems[row->members[m]].layer_weights;
    if (!other || other->layers != mean.layers) {
      row->system.layer_weights.reset();
      return;
    }
    for (size_t i = 0; i < mean.weights.size(); ++i) mean.weights[i] += other->weights[i];
  }
  for (double& weight : mean.weights) weight /= static_cast<double>(row->members.size());
}

void Gather(const std::vector<ReportSystem>& systems, ReportRow* row) {
  if (row->members.size() < 2) return;
  std::vector<std::string> names;
  for (const size_t member : row->members) names.push_back(systems[member].name);
  row->system.name = Cat(CommonName(names), " (", names.size(), " seeds)");
  AddMeans(systems, row);
  AddMeanSeconds(systems, row);
  AddMeanLayerWeights(systems, row);
}

// Two groups whose names have the same in common are told apart by their members.
void TellApart(const std::vector<ReportSystem>& systems, std::vector<ReportRow>* rows) {
  std::map<std::string, int> uses;
  for (const ReportRow& row : *rows) ++uses[row.system.name];
  for (ReportRow& row : *rows) {
    if (row.seeds() < 2 || uses[row.system.name] < 2) continue;
    row.system.name = Cat(systems[row.members.front()].name, " … ", systems[row.members.back()].name, " (",
                          row.seeds(), " seeds)");
  }
}

}  // namespace

std::string CommonName(const std::vector<std::string>& names) {
  std::vector<std::vector<std::string>> all;
  all.reserve(names.size());
  for (const std::string& name : names) all.push_back(Parts(name));
  std::vector<std::string> common;
  for (size_t i = 0; i < all[0].size(); ++i) {
    std::vector<std::string> here;
    for (const auto& parts : all) {
      if (parts.size() != all[0].size()) return Cat(names.front(), " … ", names.back());
      here.push_back(parts[i]);
    }
    common.push_back(CommonPart(here));
  }
  return Join(common, "/");
}

std::vector<ReportRow> SingleRows(const std::vector<ReportSystem>& systems) {
  std::vector<ReportRow> rows;
  for (size_t i = 0; i < systems.size(); ++i) {
    ReportRow& row = rows.emplace_back();
    row.system = systems[i];
    row.members = {i};
    if (const auto setting = SettingOf(systems[i])) {
      row.curve = Cat(setting->text, OrderedJson(setting->seeds).dump());
      row.fraction = setting->fraction;
    }
  }
  return rows;
}

std::vector<ReportRow> GatherSeeds(const std::vector<ReportSystem>& systems) {
  std::vector<ReportRow> rows;
  std::vector<std::vector<std::vector<int64_t>>> seeds;  // of each row
  for (size_t i = 0; i < systems.size(); ++i) {
    const auto setting = SettingOf(systems[i]);
    const auto fits = [&](size_t r) {
      return setting && rows[r].curve == setting->text && rows[r].fraction == setting->fraction &&
             std::find(seeds[r].begin(), seeds[r].end(), setting->seeds) == seeds[r].end();
    };
    size_t place = 0;
    while (place < rows.size() && !fits(place)) ++place;
    if (place == rows.size()) {
      rows.push_back({systems[i], {}, {}, setting ? setting->text : "", setting ? setting->fraction : 1});
      seeds.emplace_back();
    }
    rows[place].members.push_back(i);
    if (setting) seeds[place].push_back(setting->seeds);
  }
  for (ReportRow& row : rows) Gather(systems, &row);
  TellApart(systems, &rows);
  return rows;
}

std::optional<Interval> SpreadIn(const ScoreColumn& column, const ReportRow& row) {
  if (!ScoreIn(column, row.system.metrics)) return std::nullopt;
  for (const std::string& name : column.names) {
    const auto found = row.spread.find(name);
    if (found != row.spread.end()) return found->second;
  }
  return std::nullopt;
}

std::vector<bool> InsideOfCurves(const std::vector<ReportRow>& rows) {
  std::vector<bool> inside;
  inside.reserve(rows.size());
  for (const ReportRow& row : rows) {
    inside.push_back(!row.curve.empty() && std::any_of(rows.begin(), rows.end(), [&](const ReportRow& other) {
      return other.curve == row.curve && other.fraction > row.fraction;
    }));
  }
  return inside;
}

}  // namespace bv
