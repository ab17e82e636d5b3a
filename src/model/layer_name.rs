//! The five layers.

use super::words;

words! {
    /// One of the five layers that every store, tile and collection has.
    LayerName, "layer", "图层", "grids, compounds, streets, routes, incidents",
    /// 网格
    Grids = "grids", "网格", "Grids", ["grid"];
    /// 重点小区
    Compounds = "compounds", "重点小区", "Key compounds", ["compound", "小区"];
    /// 街道路网
    Streets = "streets", "街巷", "Streets", ["street", "道路", "路网"];
    /// 巡防路线
    Routes = "routes", "巡防路线", "Patrol routes", ["route", "路线"];
    /// 警情、纠纷、12345 诉求
    Incidents = "incidents", "警情/纠纷/诉求", "Incidents", ["incident", "事件"];
}

impl LayerName {
    /// Position in [`LayerName::ALL`], for arrays with one slot per layer.
    pub const fn slot(self) -> usize {
        self as usize
    }
}
