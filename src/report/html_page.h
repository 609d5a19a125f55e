// The report as one HTML page that needs nothing beside it: tables, charts, answers, with style, scripts and
// the chart library inside. Docs: docs/reports.md. Reads the run folders and data files named by the systems;
// writes nothing.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "metrics/bootstrap.h"
#include "report/answer_browser.h"
#include "report/system.h"

namespace bv {

struct PageOptions {
  std::filesystem::path data;  // dev data, where the runs do not lead to it; may be empty
  BootstrapOptions bootstrap;  // resamples 0: no intervals
  BrowserOptions browser;
  bool gather_seeds = true;  // a line and a point for runs that differ only by seed
  std::string made;          // when, as shown
  std::string nonce;         // hexadecimal; scripts without it are not run, so it must not be guessable
};

// Details are read here (ReadDetails). The same systems and options give the same bytes. Errors: kUsage for
// systems of several tasks; those of ReadDetails, FindDevData and FindTextData.
std::string HtmlPage(std::vector<ReportSystem> systems, const PageOptions& options);

}  // namespace bv
