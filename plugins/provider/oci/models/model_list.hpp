// SPDX-License-Identifier: Apache-2.0
// The service's models, from its control plane (PROTOCOL.md, sections 1.4 and 1.5): the model discovery,
// the dedicated endpoints, the imported models and the list of models, each page by page.  A list that
// the service refuses is left out, except the list of models.  Models that cannot be used are omitted.
#pragma once

#include "plugins/provider/oci/models/control_exchange.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace gatehouse::oci {

/// One thread at a time.
class ModelList : public ControlExchange {
public:
    /// REQUIRES: `service` outlives the exchange.
    explicit ModelList(Service& service) : ControlExchange(service) {}

    Result<std::optional<http::Request>> request() final;
    Result<void> end(EventSink& events) final;
    Result<std::optional<http::Request>> next() final;

private:
    /// In the order of the requests.
    enum class List { discovery, endpoints, imported, models, end };

    Result<void> on_end(EventSink& events) final;
    /// Emits the models, after `service_.listed` has the list.
    virtual void tell(std::vector<ModelInfo> models, EventSink& events);

    std::string_view path() const;
    std::string query() const;
    void read_discovery(dom::object item);
    void read_model(dom::object item);
    void read_endpoint(dom::object item);
    void read_imported(dom::object item);
    std::shared_ptr<const ModelFacts> facts_of(const std::string& model) const;
    void add(ModelInfo info, const std::shared_ptr<const ModelFacts>& facts);
    Result<void> finish(EventSink& events);

    List list_ = List::discovery;
    std::set<std::string> names_;  // models that were added
    std::vector<ModelInfo> models_;
    std::map<std::string, std::shared_ptr<const ModelFacts>, std::less<>> discovered_;  // by model id
    std::vector<std::pair<std::string, std::int64_t>> endpoints_;  // active ones: OCID and time of creation
    Listed::Entries seen_;
    Listed::Discovery discovery_ = Listed::Discovery::succeeded;
    int discovery_status_ = 0;  // if it has not succeeded
};

}  // namespace gatehouse::oci
