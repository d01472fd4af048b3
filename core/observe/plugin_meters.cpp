// SPDX-License-Identifier: Apache-2.0
#include "core/observe/plugin_meters.hpp"

#include "core/observe/open_metrics.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>

namespace gatehouse::core {

namespace {

constexpr std::size_t max_name_bytes = 100;

bool is_name(std::string_view text) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
    return !text.empty() && text.size() <= max_name_bytes && text[0] >= 'a' && text[0] <= 'z' &&
           std::ranges::all_of(text, plain);
}

/// An instance may have any name; other characters than those of a metric become "_".
std::string full_name(const MeterDeclaration& declared) {
    std::string name = "gatehouse_plugin_";
    for (char c : declared.instance) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        name += plain ? c : '_';
    }
    return name.append("_").append(declared.name);
}

/// The label sets of a meter, and the place of each.
class LabelSets {
public:
    explicit LabelSets(MeterLabels labels) : labels_(std::move(labels)) {
        for (MeterLabel& label : labels_) {
            if (std::ranges::find(label.values, "other") == label.values.end())
                label.values.push_back("other");
            size_ *= label.values.size();
        }
    }
    std::size_t size() const { return size_; }
    std::size_t at(MeterValues values) const {
        std::size_t place = 0;
        auto given = values.begin();
        for (const MeterLabel& label : labels_) {
            const std::string_view value = given == values.end() ? "other" : *given++;
            auto found = std::ranges::find(label.values, value);
            if (found == label.values.end()) found = std::ranges::find(label.values, "other");
            place = place * label.values.size() + static_cast<std::size_t>(found - label.values.begin());
        }
        return place;
    }
    /// `{team="red"}`, with `more` as a last label.
    std::string text(std::size_t place, std::string_view more = {}) const {
        std::string out(more);
        for (auto label = labels_.rbegin(); label != labels_.rend(); ++label) {
            const std::string& value = label->values[place % label->values.size()];
            place /= label->values.size();
            out = label->name + "=\"" + metric_escaped(value) + '"' + (out.empty() ? "" : ",") + out;
        }
        return out.empty() ? out : '{' + out + '}';
    }

private:
    MeterLabels labels_;
    std::size_t size_ = 1;
};

using Cells = std::vector<std::atomic<double>>;

void add_to(std::atomic<double>& cell, double amount) { cell.fetch_add(amount, std::memory_order_relaxed); }

bool same(const MeterDeclaration& a, const MeterLabels& labels, const std::vector<double>& buckets) {
    return a.buckets == buckets && std::ranges::equal(a.labels, labels, [](const auto& x, const auto& y) {
               return x.name == y.name && x.values == y.values;
           });
}

}  // namespace

class PluginMeters::Meter {
public:
    explicit Meter(const MeterDeclaration& declared)
        : help(declared.help), labels(declared.labels), buckets(declared.buckets), sets(declared.labels) {}
    virtual ~Meter() = default;
    virtual const char* type() const = 0;
    /// `open`: OpenMetrics, whose numbers in `le` are canonical.
    virtual void write(std::string& out, const std::string& name, bool open) const = 0;

    const std::string help;
    const MeterLabels labels;
    const std::vector<double> buckets;
    const LabelSets sets;
};

namespace {

struct Values : PluginMeters::Meter {
    explicit Values(const MeterDeclaration& declared) : Meter(declared), cells(sets.size()) {}
    void write(std::string& out, const std::string& name, bool /*open*/) const override {
        for (std::size_t i = 0; i < cells.size(); ++i)
            out += name + sets.text(i) + ' ' + metric_number(cells[i]) + '\n';
    }
    Cells cells;
};

struct MadeCounter final : Values, gatehouse::Counter {
    using Values::Values;
    using Interface = gatehouse::Counter;
    const char* type() const override { return "counter"; }
    void add(double amount, MeterValues values) override {
        if (amount >= 0) add_to(cells[sets.at(values)], amount);
    }
};

struct MadeGauge final : Values, gatehouse::Gauge {
    using Values::Values;
    using Interface = gatehouse::Gauge;
    const char* type() const override { return "gauge"; }
    void set(double value, MeterValues values) override { cells[sets.at(values)] = value; }
    void add(double change, MeterValues values) override { add_to(cells[sets.at(values)], change); }
};

struct MadeHistogram final : PluginMeters::Meter, gatehouse::Histogram {
    using Interface = gatehouse::Histogram;
    explicit MadeHistogram(const MeterDeclaration& declared)
        : Meter(declared), counts(sets.size() * (buckets.size() + 1)), sums(sets.size()) {}
    const char* type() const override { return "histogram"; }
    void observe(double value, MeterValues values) override {
        if (std::isnan(value)) return;
        const std::size_t place = sets.at(values);
        const auto bucket = std::ranges::lower_bound(buckets, value) - buckets.begin();
        counts[place * (buckets.size() + 1) + static_cast<std::size_t>(bucket)].fetch_add(
            1, std::memory_order_relaxed);
        add_to(sums[place], value);
    }
    void write(std::string& out, const std::string& name, bool open) const override {
        for (std::size_t place = 0; place < sets.size(); ++place) {
            std::uint64_t count = 0;
            for (std::size_t i = 0; i <= buckets.size(); ++i) {
                count += counts[place * (buckets.size() + 1) + i];
                const double bound =
                    i < buckets.size() ? buckets[i] : std::numeric_limits<double>::infinity();
                const std::string limit = open ? canonical_number(bound) : metric_number(bound);
                out += name + "_bucket" + sets.text(place, "le=\"" + limit + '"') + ' ' +
                       std::to_string(count) + '\n';
            }
            out += name + "_sum" + sets.text(place) + ' ' + metric_number(sums[place]) + '\n';
            out += name + "_count" + sets.text(place) + ' ' + std::to_string(count) + '\n';
        }
    }
    std::vector<std::atomic<std::uint64_t>> counts;
    Cells sums;
};

Error wrong(const MeterDeclaration& declared, const std::string& why) {
    return {ErrorKind::bad_config,
            "meter \"" + std::string(declared.name.substr(0, max_name_bytes)) + "\" " + why};
}

}  // namespace

Result<void> check_declaration(const MeterDeclaration& declared, bool is_counter) {
    constexpr const char* rule = ": use lower-case letters, digits and \"_\", a letter first";
    if (!is_name(declared.name)) return wrong(declared, std::string("has a wrong name") + rule);
    if (is_counter && !declared.name.ends_with("_total"))
        return wrong(declared, "is a counter, so its name must end in _total");
    if (declared.help.empty()) return wrong(declared, "has no help text");
    std::size_t series = 1;
    for (const MeterLabel& label : declared.labels) {
        if (!is_name(label.name) || label.name == "le")
            return wrong(declared, "has a label with the wrong name \"" + label.name + "\"" + rule);
        series *= label.values.size() + 1;
        if (series > PluginMeters::max_series)
            return wrong(declared, "has more than " + std::to_string(PluginMeters::max_series) +
                                       " combinations of label values");
    }
    if (!std::ranges::is_sorted(declared.buckets, std::less_equal<>()))
        return wrong(declared, "has buckets that do not ascend");
    return {};
}

PluginMeters::PluginMeters() = default;
PluginMeters::~PluginMeters() = default;

template <typename Made>
Result<Made*> PluginMeters::declare(const MeterDeclaration& declared) {
    if (auto ok = check_declaration(declared, std::is_same_v<Made, MadeCounter>); !ok) return ok.error();
    std::lock_guard lock(mutex_);
    const std::string name = full_name(declared);
    const auto known = meters_.find(name);
    if (known == meters_.end()) {
        if (meters_.size() >= max_meters) return wrong(declared, "is one more than the gateway keeps");
        auto made = std::make_unique<Made>(declared);
        Made* meter = made.get();
        meters_.emplace(name, std::move(made));
        return meter;
    }
    auto* meter = dynamic_cast<Made*>(known->second.get());
    if (!meter || !same(declared, meter->labels, meter->buckets))
        return wrong(declared, "was declared differently before; restart the gateway to change it");
    return meter;
}

Result<gatehouse::Counter*> PluginMeters::counter(const MeterDeclaration& declared) {
    auto made = declare<MadeCounter>(declared);
    return made ? Result<gatehouse::Counter*>(*made) : made.error();
}
Result<gatehouse::Gauge*> PluginMeters::gauge(const MeterDeclaration& declared) {
    auto made = declare<MadeGauge>(declared);
    return made ? Result<gatehouse::Gauge*>(*made) : made.error();
}
Result<gatehouse::Histogram*> PluginMeters::histogram(const MeterDeclaration& declared) {
    auto made = declare<MadeHistogram>(declared);
    return made ? Result<gatehouse::Histogram*>(*made) : made.error();
}

std::string PluginMeters::text(bool open_metrics) const {
    std::lock_guard lock(mutex_);
    std::string out;
    for (const auto& [name, meter] : meters_) {
        std::string help;
        for (char c : meter->help)
            help += c == '\n'                                 ? "\\n"
                    : c == '\\' || (open_metrics && c == '"') ? std::string{'\\', c}
                                                              : std::string(1, c);
        const std::string type = meter->type();
        const std::string family(family_name(name, open_metrics && type == "counter"));
        out += "# HELP " + family + ' ' + help + "\n# TYPE " + family + ' ' + type + '\n';
        meter->write(out, name, open_metrics);
    }
    return out;
}

}  // namespace gatehouse::core
