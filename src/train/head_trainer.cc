#include "train/head_trainer.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/rng.h"
#include "base/strings.h"
#include "heads/head_file.h"
#include "train/checkpoint_folder.h"

namespace bv {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kStateFile = "trainer.json";

std::filesystem::path WeightsFile(const std::filesystem::path& folder, const Head& head) {
  return folder / (head.name() + ".safetensors");
}

std::filesystem::path OptimizerFile(const std::filesystem::path& folder, const Head& head) {
  return folder / (head.name() + ".optimizer.safetensors");
}

at::Device DeviceOf(const Head& head) {
  return head.parameters().front().tensor.device();
}

int64_t CeilDivide(int64_t a, int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace

HeadTrainer::HeadTrainer(StateSource* source, std::vector<Head*> heads, const HeadTrainOptions& options)
    : source_(source), options_(options) {
  std::set<std::string> names;
  if (heads.empty()) throw Error(ErrorKind::kUsage, "no head to train");
  for (Head* head : heads) {
    if (!names.insert(head->name()).second) {
      throw Error(ErrorKind::kUsage, Cat("the head ", head->name(), " is to be trained twice"));
    }
    if (DeviceOf(*head) != DeviceOf(*heads.front())) {
      throw Error(ErrorKind::kInternal,
                  Cat("the head ", head->name(), " is on another device than the first"));
    }
    auto groups = SplitByDecay(head->parameters(), options.weight_decay, {".bias", "pooling.", ".norm."});
    trainees_.push_back({head, std::make_unique<Adam>(std::move(groups), options.adam)});
  }
  steps_per_epoch_ = CeilDivide(source->windows(), options.batch_size);
  progress_.total_steps = steps_per_epoch_ * options.epochs;
  const auto warmup_steps = std::llround(options.warmup * static_cast<double>(progress_.total_steps));
  schedule_ = {options.schedule, warmup_steps, progress_.total_steps};
}

bool HeadTrainer::Run(const HeadTrainCallbacks& callbacks) {
  saved_ = Clock::now();
  while (progress_.step < progress_.total_steps) {
    if (RunEpoch(progress_.step / steps_per_epoch_, callbacks)) continue;
    SaveCheckpoint(callbacks);
    break;
  }
  return progress_.step == progress_.total_steps;
}

bool HeadTrainer::RunEpoch(int64_t epoch, const HeadTrainCallbacks& callbacks) {
  const int64_t done = progress_.step - epoch * steps_per_epoch_;
  source_->StartEpoch({options_.batch_size, true, options_.seed, epoch, done});
  if (options_.restart_moments && done == 0) {
    for (const Trainee& trainee : trainees_) trainee.adam->Restart();
  }
  StateBatch batch;
  for (int64_t left = steps_per_epoch_ - done; left > 0; --left) {
    if (!source_->Next(&batch)) {
      throw Error(ErrorKind::kInternal, Cat("the source of states ended ", left, " batches early"));
    }
    TrainBatch(batch);
    bool go_on = !callbacks.on_step || callbacks.on_step(progress_);
    if (callbacks.on_evaluate && left == 1) go_on = callbacks.on_evaluate(progress_) && go_on;
    if (!go_on) return false;
    if (CheckpointIsDue()) SaveCheckpoint(callbacks);
  }
  return true;
}

// Masks differ between heads and steps, and a head's do not depend on what is trained beside it.
HeadPass HeadTrainer::PassOf(const Head& head) const {
  const uint64_t seed = SubSeed(SubSeed(options_.seed, "dropout"), head.name());
  return {true, Mix64(seed, static_cast<uint64_t>(progress_.step))};
}

bool HeadTrainer::CheckpointIsDue() const {
  if (options_.checkpoint_steps > 0 && progress_.step % options_.checkpoint_steps == 0) return true;
  const double seconds = std::chrono::duration<double>(Clock::now() - saved_).count();
  return options_.checkpoint_seconds > 0 && seconds >= options_.checkpoint_seconds;
}

void HeadTrainer::TrainBatch(const StateBatch& batch) {
  const double lr = options_.lr * schedule_.Factor(progress_.step);
  const at::Device device = DeviceOf(*trainees_.front().head);
  const TaskTargets targets = MakeTaskTargets(options_.task, batch, device);
  const at::Tensor states = batch.states.to(device);
  std::vector<at::Tensor> losses;
  for (const Trainee& trainee : trainees_) {
    const at::Tensor logits = trainee.head->Forward(states, batch.offsets, PassOf(*trainee.head));
    const at::Tensor loss = TaskLoss(logits, targets, options_.reduction);
    loss.backward();
    trainee.adam->Step(lr);
    trainee.adam->ZeroGrad();
    losses.push_back(loss.detach());
  }
  ++progress_.step;
  progress_.windows += batch.offsets.size(0) - 1;
  progress_.epoch = static_cast<double>(progress_.windows) / static_cast<double>(source_->windows());
  progress_.lr = lr;
  progress_.losses.clear();
  for (size_t i = 0; i < losses.size(); ++i) {
    progress_.losses.push_back(losses[i].item<double>());
    if (std::isfinite(progress_.losses.back())) continue;
    throw Error(ErrorKind::kData,
                Cat("head ", trainees_[i].head->name(), ": the loss at step ", progress_.step, " is ",
                    progress_.losses.back(),
                    "; the states hold NaN or infinities, or the learning rate is too high"));
  }
}

OrderedJson HeadTrainer::Signature() const {
  const AdamOptions& adam = options_.adam;
  OrderedJson heads = OrderedJson::array();
  for (const Trainee& trainee : trainees_) heads.push_back(trainee.head->name());
  return {{"heads", heads},
          {"windows", source_->windows()},
          {"layers", source_->layers()},
          {"hidden", source_->hidden()},
          {"task", TaskKindName(options_.task)},
          {"epochs", options_.epochs},
          {"batch_size", options_.batch_size},
          {"lr", options_.lr},
          {"seed", options_.seed},
          {"weight_decay", options_.weight_decay},
          {"schedule", static_cast<int>(options_.schedule)},
          {"warmup", options_.warmup},
          {"reduction", static_cast<int>(options_.reduction)},
          {"restart_moments", options_.restart_moments},
          {"adam",
           {adam.beta1, adam.beta2, adam.epsilon, adam.bias_correction,
            static_cast<int>(adam.epsilon_placement), static_cast<int>(adam.decay), adam.clip_norm}}};
}

void HeadTrainer::SaveCheckpoint(const HeadTrainCallbacks& callbacks) {
  if (options_.checkpoints.empty()) return;
  CommitCheckpoint(options_.checkpoints, progress_.step, [&](const fs::path& folder) {
    for (const Trainee& trainee : trainees_) {
      WriteTensorFile(WeightsFile(folder, *trainee.head), trainee.head->tensors());
      WriteTensorFile(OptimizerFile(folder, *trainee.head), trainee.adam->State());
    }
    WriteJsonFile(folder / kStateFile, OrderedJson{{"step", progress_.step},
                                                   {"windows", progress_.windows},
                                                   {"epoch", progress_.epoch},
                                                   {"training", Signature()}});
    if (callbacks.on_checkpoint) callbacks.on_checkpoint(folder);
  });
  saved_ = Clock::now();
}

void HeadTrainer::CheckSignature(const Json& made_with, const fs::path& folder) const {
  const auto refuse = [&](const std::string& key, const Json& theirs, const Json& ours) {
    throw Error(ErrorKind::kUsage,
                Cat(folder.string(), ": cannot resume: its training had ", key, " = ", theirs.dump(),
                    ", this one has ", ours.dump(), "; use the same options, or another folder"));
  };
  const OrderedJson signature = Signature();
  for (const auto& [key, value] : signature.items()) {
    const Json ours = Json::parse(value.dump());
    const Json theirs = made_with.contains(key) ? made_with[key] : Json();
    if (key != "heads") {
      if (ours != theirs) refuse(key, theirs, ours);
      continue;
    }
    // Heads do not know of each other, so some of them may go on without the rest.
    for (const Json& head : ours) {
      if (std::find(theirs.begin(), theirs.end(), head) == theirs.end()) refuse(key, theirs, ours);
    }
    for (const Json& head : theirs) {
      if (std::find(ours.begin(), ours.end(), head) == ours.end()) {
        LogWarning(Cat("the checkpoint also holds ", head.get<std::string>(),
                       ", which is not trained now and will begin anew"));
      }
    }
  }
}

bool HeadTrainer::Resume() {
  const auto newest = NewestCheckpoint(options_.checkpoints);
  if (!newest) return false;
  const fs::path folder = CheckpointPath(options_.checkpoints, *newest);
  const std::string file = (folder / kStateFile).string();
  const Json state = ReadJsonFile(file);
  CheckSignature(RequireObject(state, "training", file), folder);
  for (const Trainee& trainee : trainees_) {
    LoadTensors(*trainee.head, TensorFile(WeightsFile(folder, *trainee.head)));
    trainee.adam->LoadState(TensorFile(OptimizerFile(folder, *trainee.head)));
  }
  progress_.step = RequireInteger(state, "step", 0, progress_.total_steps, file);
  progress_.windows = RequireInteger(state, "windows", 0, INT64_MAX, file);
  progress_.epoch = RequireNumber(state, "epoch", file);
  return true;
}

}  // namespace bv
