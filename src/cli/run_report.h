// Runs side by side: what report prints. Reads run folders; computes nothing.
#pragma once

#include <filesystem>
#include <vector>

#include "base/json.h"
#include "report/report_rows.h"
#include "report/system.h"
#include "report/table.h"

namespace bv::cli {

// Each folder is a run of finetune (a system a checkpoint), of a head, of ensemble or eval, or a folder of
// such runs. Details (ReadDetails) are not read. Errors (kData): a folder without any finished run.
std::vector<ReportSystem> CollectRuns(const std::vector<std::filesystem::path>& folders);

// Reads from the heads' own files what they take of each layer, for the page. Errors: those of
// ReadHeadLayers.
void AddLayerWeights(std::vector<ReportSystem>* systems);

// The lines of the table: runs that differ only by seed gathered, or one line each.
std::vector<ReportRow> RowsOf(const std::vector<ReportSystem>& systems, bool gather_seeds);

Table RunTable(const std::vector<ReportRow>& rows);
// Every system by itself, each with the name of the line that it is gathered into, its seeds and its
// fraction.
OrderedJson RunJson(const std::vector<ReportSystem>& systems);

}  // namespace bv::cli
