// For tests only: systems of the committed runs in tests/fixtures/report/.
#pragma once

#include <filesystem>
#include <string>

#include "report/system.h"

namespace bv::test {

inline std::filesystem::path ReportFixtures() {
  return std::filesystem::path(BERTVISION_SOURCE_DIR) / "tests/fixtures/report";
}

inline ReportSystem FixtureHead(const std::string& name) {
  ReportSystem system;
  system.name = name;
  system.folder = system.run = ReportFixtures() / "runs" / name;
  system.head = system.folder.filename().string();
  system.parameters = 44;
  system.share = 0.88;
  system.metrics = ReadResults(system.folder / "all_results.json");
  system.dev = "dev.json";
  return system;
}

inline ReportSystem FixtureBert(const std::string& epoch_folder, double epoch, double exact, double f1) {
  ReportSystem system;
  system.name = "finetune/" + epoch_folder;
  system.run = ReportFixtures() / "runs/finetune";
  system.folder = system.run / epoch_folder;
  system.kind = SystemKind::kBert;
  system.parameters = 5000;
  system.share = 100;
  system.epochs = epoch;
  system.metrics = {{"eval_exact", exact}, {"eval_f1", f1}};
  system.dev = "dev.json";
  return system;
}

}  // namespace bv::test
